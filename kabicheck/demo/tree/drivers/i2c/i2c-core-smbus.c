// SPDX-License-Identifier: GPL-2.0
#include <linux/i2c.h>
#include <linux/module.h>

s32 i2c_smbus_xfer(const struct i2c_client *client, u8 command, union i2c_smbus_data *data)
{
	struct i2c_msg msg[] = {
		{ .addr = client->addr, .len = 1, .buf = &command },
		{ .addr = client->addr, .len = sizeof(data->block), .buf = data->block },
	};

	return i2c_transfer(client->adapter, msg, 2);
}
EXPORT_SYMBOL_NS_GPL(i2c_smbus_xfer, "I2C_CORE");
