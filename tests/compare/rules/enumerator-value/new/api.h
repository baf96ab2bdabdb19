#include "export.h"

enum clk_state {
        CLK_OFF,
        CLK_PARKED,
        CLK_ON,
};

void use(enum clk_state *argument)
{
}
EXPORT_SYMBOL(use);
