#include "export.h"

struct clk {
        int rate;
        unsigned long __kabi_reserved1;
        unsigned long __kabi_reserved2;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
