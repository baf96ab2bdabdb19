#include "export.h"

struct clk {
        int hertz;
        void *driver;
        void *owner;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
