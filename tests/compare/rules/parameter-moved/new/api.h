#include "export.h"

int clk_swap(int to, int from)
{
        return 0;
}
EXPORT_SYMBOL(clk_swap);
