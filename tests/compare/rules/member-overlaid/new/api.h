#include "export.h"

struct clk {
        int rate;
        union {
                void *driver;
                unsigned long cookie;
        };
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
