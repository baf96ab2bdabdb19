// SPDX-License-Identifier: GPL-2.0
#include <linux/async.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/kernel.h>

int bus_register(const struct bus_type *bus)
{
	return bus->name && bus->match ? 0 : -EINVAL;
}
EXPORT_SYMBOL_GPL(bus_register);

static void bus_probe_async(void *data, async_cookie_t cookie)
{
	struct device *dev = data;

	dev->bus->probe(dev);
}

int bus_probe_device(struct device *dev, struct device_driver *drv)
{
	if (!dev->bus->match(dev, drv))
		return -EINVAL;
	dev->driver = drv;
	async_schedule_node(bus_probe_async, dev, NUMA_NO_NODE);
	return 0;
}
EXPORT_SYMBOL_GPL(bus_probe_device);
