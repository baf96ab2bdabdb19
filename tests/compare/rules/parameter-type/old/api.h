#include "export.h"

int clk_park(int id)
{
        return 0;
}
EXPORT_SYMBOL(clk_park);
