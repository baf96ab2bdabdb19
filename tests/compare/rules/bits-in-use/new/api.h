#include "export.h"

struct clk {
        unsigned int state : 3;
        unsigned int locked : 1;
        unsigned int parked : 1;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
