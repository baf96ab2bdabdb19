#include "export.h"

#pragma clk "compiled with -funsigned-char"
void clk_park(char id)
{
}
EXPORT_SYMBOL(clk_park);
