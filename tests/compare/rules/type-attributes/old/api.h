#include "export.h"

void clk_park(char id)
{
}
EXPORT_SYMBOL(clk_park);
