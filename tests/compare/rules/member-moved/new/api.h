#include "export.h"

struct clk {
        char id;
        char state;
        int rate;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
