#include "export.h"

int clk_limit(void)
{
        return 100;
}
EXPORT_SYMBOL(clk_limit);
