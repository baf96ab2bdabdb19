// SPDX-License-Identifier: GPL-2.0
#include <linux/i2c.h>
#include <linux/kernel.h>
#include <linux/module.h>

static int i2c_nr;

int i2c_add_adapter(struct i2c_adapter *adap)
{
	if (!adap->xfer)
		return -EINVAL;
	adap->nr = i2c_nr++;
	return device_register(&adap->dev);
}
EXPORT_SYMBOL_NS_GPL(i2c_add_adapter, "I2C_CORE");

int i2c_transfer(struct i2c_adapter *adap, struct i2c_msg *msgs, int num)
{
	return adap->xfer(adap, msgs, num);
}
EXPORT_SYMBOL_NS_GPL(i2c_transfer, "I2C_CORE");

MODULE_DESCRIPTION("I2C-Bus main module");
MODULE_LICENSE("GPL");
