#include "export.h"

struct clk {
        int rate;
        void *driver;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
