#include "export.h"

struct device;

struct device_ops {
	int (*probe)(struct device *dev, unsigned long flags);
	void (*remove)(struct device *dev);
};

struct state {
	unsigned long count;
	int generation;
	union {
		void *pointer;
		struct {
			unsigned short low, high;
		} pair;
	};
	char name[16];
};

struct device {
	const struct device_ops *ops;
	struct state state;
	struct device *parent, **children;
	const volatile int users[2][3];
};

int device_register(struct device *dev)
{
	return dev->users[0][0];
}
EXPORT_SYMBOL(device_register);

struct device *device_find(const char *name)
{
	return 0;
}
EXPORT_SYMBOL(device_find);
