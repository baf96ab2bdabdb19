#include "export.h"

int clk_limits[16];
EXPORT_SYMBOL(clk_limits);
