#include "export.h"

struct clk {
        int count;
        int rates[];
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
