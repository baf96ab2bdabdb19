#include "export.h"

int clk_park(int id)
{
        return id;
}
EXPORT_SYMBOL_NS(clk_park, "CLK");
