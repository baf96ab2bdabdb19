#include "export.h"

int clk_name(char *name)
{
        return name[0];
}
EXPORT_SYMBOL(clk_name);
