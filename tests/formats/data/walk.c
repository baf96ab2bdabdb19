/* As the preprocessor leaves EXPORT_SYMBOL for genksyms. A type that a .c file defines would be private to it. */
#include "walk.h"

extern int walk(struct node *n, node_t *m, struct foo *f);

int walk(struct node *n, node_t *m, struct foo *f)
{
	return 0;
}

int counter;
struct node table[16];

void none(void)
{
}

__GENKSYMS_EXPORT_SYMBOL(walk);
__GENKSYMS_EXPORT_SYMBOL(counter);
__GENKSYMS_EXPORT_SYMBOL(table);
__GENKSYMS_EXPORT_SYMBOL(none);
