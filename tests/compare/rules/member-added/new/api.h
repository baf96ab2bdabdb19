#include "export.h"

struct clk {
        int rate;
        long parent;
        void *driver;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
