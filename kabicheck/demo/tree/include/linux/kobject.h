/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KOBJECT_H_
#define _KOBJECT_H_

#include <linux/list.h>
#include <linux/types.h>

enum kobject_action {
	KOBJ_ADD,
	KOBJ_REMOVE,
	KOBJ_CHANGE,
};

struct kobject;
struct kset;

struct kobj_type {
	void (*release)(struct kobject *kobj);
};

struct kobject {
	const char		*name;
	struct list_head	entry;
	struct kobject		*parent;
	struct kset		*kset;
	const struct kobj_type	*ktype;
	atomic_t		kref;
	unsigned int state_initialized : 1;
	unsigned int state_in_sysfs : 1;
#ifdef CONFIG_DEBUG_KOBJECT_RELEASE
	unsigned long		release_delay;
#endif
};

struct kset {
	struct list_head list;
	struct kobject kobj;
};

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype);
int kobject_add(struct kobject *kobj, struct kobject *parent, const char *name);
void kobject_del(struct kobject *kobj);
struct kobject *kobject_get(struct kobject *kobj);
void kobject_put(struct kobject *kobj);
int kobject_uevent(struct kobject *kobj, enum kobject_action action);

#endif /* _KOBJECT_H_ */
