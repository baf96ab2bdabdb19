#include "export.h"

int clk_park(int id, unsigned long flags)
{
        return 0;
}
EXPORT_SYMBOL(clk_park);
