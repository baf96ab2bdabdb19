#include "export.h"

struct clk {
        union {
                struct {
                        int rate;
                        int parent;
                };
                struct {
                        int rate;
                        int parent;
                } state;
        };
        void *driver;
};

void use(struct clk *argument)
{
}
EXPORT_SYMBOL(use);
