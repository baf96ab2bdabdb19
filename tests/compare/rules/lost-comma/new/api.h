#include "export.h"

struct clk;
typedef int (*clk_notify_t)(int, struct clk *);
struct clk {
        clk_notify_t notify;
};
void clk_register(clk_notify_t notify)
{
}
EXPORT_SYMBOL(clk_register);

struct clk clk_root;
EXPORT_SYMBOL(clk_root);
