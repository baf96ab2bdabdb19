#include "export.h"

struct clk {
        char id;
        int rate;
        char state;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
