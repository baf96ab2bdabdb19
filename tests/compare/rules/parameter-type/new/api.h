#include "export.h"

int clk_park(long id)
{
        return 0;
}
EXPORT_SYMBOL(clk_park);
