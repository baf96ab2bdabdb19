#include "export.h"

struct clk {
        int rate;
        int parent;
        void *driver;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
