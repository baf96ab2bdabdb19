// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/notifier.h>

int raw_notifier_chain_register(struct raw_notifier_head *nh, struct notifier_block *nb)
{
	struct notifier_block **link = &nh->head;

	while (*link && (*link)->priority >= nb->priority) {
		if (*link == nb)
			return -EEXIST;
		link = &(*link)->next;
	}
	nb->next = *link;
	*link = nb;
	return 0;
}
EXPORT_SYMBOL_GPL(raw_notifier_chain_register);

int raw_notifier_call_chain(struct raw_notifier_head *nh, unsigned long val, void *v)
{
	struct notifier_block *nb;
	int ret = 0;

	for (nb = nh->head; nb && ret >= 0; nb = nb->next)
		ret = nb->notifier_call(nb, val, v);
	return ret;
}
EXPORT_SYMBOL_GPL(raw_notifier_call_chain);
