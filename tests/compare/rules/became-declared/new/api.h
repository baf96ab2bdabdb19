#include "export.h"

struct clk;

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
