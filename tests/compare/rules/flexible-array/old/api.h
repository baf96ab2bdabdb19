#include "export.h"

struct clk {
        int count;
        int rates[0];
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
