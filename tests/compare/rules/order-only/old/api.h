#include "export.h"

union clk_rate {
        unsigned int hz;
        float fraction;
};

void use(union clk_rate *argument)
{
}
EXPORT_SYMBOL(use);
