#include "export.h"

struct clk {
        int rate;
        long limit;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
