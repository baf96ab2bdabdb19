// SPDX-License-Identifier: GPL-2.0-only
/*
 * async.c: Asynchronous function calls for boot performance
 */
#include <linux/async.h>
#include <linux/export.h>
#include <linux/kernel.h>

struct async_entry {
	struct list_head	list;
	async_cookie_t		cookie;
	async_func_t		func;
	void			*data;
	struct async_domain	*domain;
};

#define MAX_WORK	32

static async_cookie_t next_cookie = 1;
static ASYNC_DOMAIN(async_dfl_domain);
static struct async_entry entries[MAX_WORK];

async_cookie_t async_schedule_node_domain(async_func_t func, void *data, int node,
					  struct async_domain *domain)
{
	async_cookie_t cookie = next_cookie++;
	struct async_entry *entry = &entries[cookie % MAX_WORK];

	if (entry->func || !domain->registered) {
		func(data, cookie);
		return cookie;
	}
	entry->cookie = cookie;
	entry->func = func;
	entry->data = data;
	entry->domain = domain;
	list_add_tail(&entry->list, &domain->pending);
	return cookie;
}
EXPORT_SYMBOL_GPL(async_schedule_node_domain);

async_cookie_t async_schedule_node(async_func_t func, void *data, int node)
{
	return async_schedule_node_domain(func, data, node, &async_dfl_domain);
}
EXPORT_SYMBOL_GPL(async_schedule_node);

void async_synchronize_cookie_domain(async_cookie_t cookie, struct async_domain *domain)
{
	while (!list_empty(&domain->pending)) {
		struct async_entry *entry = list_first_entry(&domain->pending, struct async_entry, list);

		if (entry->cookie >= cookie)
			break;
		list_del_init(&entry->list);
		entry->func(entry->data, entry->cookie);
		entry->func = NULL;
	}
}
EXPORT_SYMBOL_GPL(async_synchronize_cookie_domain);

void async_synchronize_full_domain(struct async_domain *domain)
{
	async_synchronize_cookie_domain(~0ULL, domain);
}
EXPORT_SYMBOL_GPL(async_synchronize_full_domain);

void async_synchronize_full(void)
{
	async_synchronize_full_domain(&async_dfl_domain);
}
EXPORT_SYMBOL_GPL(async_synchronize_full);
