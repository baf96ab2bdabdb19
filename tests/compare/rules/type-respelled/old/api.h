#include "export.h"

void clk_copy(void *to, unsigned long size)
{
}
EXPORT_SYMBOL(clk_copy);
