#include "export.h"

int clk_park(int number)
{
        return number;
}
EXPORT_SYMBOL(clk_park);
