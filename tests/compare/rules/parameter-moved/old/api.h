#include "export.h"

int clk_swap(int from, int to)
{
        return 0;
}
EXPORT_SYMBOL(clk_swap);
