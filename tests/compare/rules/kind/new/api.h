#include "export.h"

int clk_limit = 100;
EXPORT_SYMBOL(clk_limit);
