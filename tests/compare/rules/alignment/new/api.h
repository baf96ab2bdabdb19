#include "export.h"

struct clk {
        int rate;
} __attribute__((aligned(16)));

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
