// SPDX-License-Identifier: GPL-2.0
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>

static void device_release(struct kobject *kobj)
{
	struct device *dev = container_of(kobj, struct device, kobj);

	dev->driver = NULL;
}

static const struct kobj_type device_ktype = {
	.release = device_release,
};

int device_register(struct device *dev)
{
	kobject_init(&dev->kobj, &device_ktype);
	return kobject_add(&dev->kobj, dev->parent ? &dev->parent->kobj : NULL, dev->kobj.name);
}
EXPORT_SYMBOL_GPL(device_register);

void device_unregister(struct device *dev)
{
	kobject_del(&dev->kobj);
	kobject_put(&dev->kobj);
}
EXPORT_SYMBOL_GPL(device_unregister);
