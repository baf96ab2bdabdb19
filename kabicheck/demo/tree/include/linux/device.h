/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _DEVICE_H_
#define _DEVICE_H_

#include <linux/kobject.h>

struct device;
struct device_driver;

struct bus_type {
	const char *name;
	int (*match)(struct device *dev, const struct device_driver *drv);
	int (*probe)(struct device *dev);
};

struct device_driver {
	const char *name;
	const struct bus_type *bus;
};

struct device {
	struct kobject kobj;
	struct device *parent;
	const struct bus_type *bus;
	struct device_driver *driver;
	void *driver_data;
};

int device_register(struct device *dev);
void device_unregister(struct device *dev);
int bus_register(const struct bus_type *bus);
int bus_probe_device(struct device *dev, struct device_driver *drv);

#endif /* _DEVICE_H_ */
