// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kobject.h>

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	INIT_LIST_HEAD(&kobj->entry);
	kobj->ktype = ktype;
	kobj->kref.counter = 1;
	kobj->state_initialized = 1;
}
EXPORT_SYMBOL(kobject_init);

int kobject_add(struct kobject *kobj, struct kobject *parent, const char *name)
{
	if (!kobj->state_initialized || !name)
		return -EINVAL;
	kobj->name = name;
	kobj->parent = kobject_get(parent);
	if (kobj->kset)
		list_add_tail(&kobj->entry, &kobj->kset->list);
	kobj->state_in_sysfs = 1;
	return kobject_uevent(kobj, KOBJ_ADD);
}
EXPORT_SYMBOL(kobject_add);

void kobject_del(struct kobject *kobj)
{
	list_del_init(&kobj->entry);
	kobj->state_in_sysfs = 0;
	kobject_uevent(kobj, KOBJ_REMOVE);
	kobject_put(kobj->parent);
	kobj->parent = NULL;
}
EXPORT_SYMBOL(kobject_del);

struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj)
		kobj->kref.counter++;
	return kobj;
}
EXPORT_SYMBOL(kobject_get);

void kobject_put(struct kobject *kobj)
{
	if (kobj && --kobj->kref.counter == 0 && kobj->ktype)
		kobj->ktype->release(kobj);
}
EXPORT_SYMBOL(kobject_put);

static const char *const kobject_actions[] = {
	[KOBJ_ADD] = "add",
	[KOBJ_REMOVE] = "remove",
	[KOBJ_CHANGE] = "change",
};

int kobject_uevent(struct kobject *kobj, enum kobject_action action)
{
	printk("%s@%s", kobject_actions[action], kobj->name);
	return 0;
}
EXPORT_SYMBOL_GPL(kobject_uevent);
