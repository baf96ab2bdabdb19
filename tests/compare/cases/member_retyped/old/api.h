#include "export.h"

struct list_head {
	struct list_head *next, *prev;
};

struct async_domain {
	struct list_head pending;
	unsigned int registered : 1;
};

int async_schedule(struct async_domain *domain, void (*func)(void *data), void *data)
{
	return domain->registered;
}
EXPORT_SYMBOL_GPL(async_schedule);

void async_synchronize(struct async_domain *domain)
{
}
EXPORT_SYMBOL_GPL(async_synchronize);

int unrelated(struct list_head *head)
{
	return !head->next;
}
EXPORT_SYMBOL(unrelated);
