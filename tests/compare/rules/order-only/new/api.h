#include "export.h"

union clk_rate {
        float fraction;
        unsigned int hz;
};

void use(union clk_rate *argument)
{
}
EXPORT_SYMBOL(use);
