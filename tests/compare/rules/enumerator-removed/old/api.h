#include "export.h"

enum clk_state {
        CLK_OFF,
        CLK_ON,
        CLK_PARKED,
};

void use(enum clk_state *argument)
{
}
EXPORT_SYMBOL(use);
