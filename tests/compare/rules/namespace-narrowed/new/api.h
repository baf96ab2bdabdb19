#include "export.h"

int clk_park(int id)
{
        return id;
}
EXPORT_SYMBOL_FOR_MODULES(clk_park, "clk-core,power");
