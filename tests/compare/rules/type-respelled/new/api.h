#include "export.h"

typedef unsigned long size_t;
void clk_copy(void *to, size_t size)
{
}
EXPORT_SYMBOL(clk_copy);
