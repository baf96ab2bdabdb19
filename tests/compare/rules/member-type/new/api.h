#include "export.h"

struct clk {
        unsigned int rate;
        void *driver;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
