#include "export.h"

struct clk {
        int rate;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
