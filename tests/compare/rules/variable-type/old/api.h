#include "export.h"

int clk_limits[8];
EXPORT_SYMBOL(clk_limits);
