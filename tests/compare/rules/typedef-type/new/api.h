#include "export.h"

typedef unsigned long clk_id_t;

void use(clk_id_t *argument)
{
}
EXPORT_SYMBOL(use);
