/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_I2C_H
#define _LINUX_I2C_H

#include <linux/device.h>

union i2c_smbus_data {
	u8 byte;
	u16 word;
	u8 block[34];
};

struct i2c_msg {
	u16 addr;
	u16 flags;
	u16 len;
	u8 *buf;
};

struct i2c_adapter {
	struct device dev;
	int (*xfer)(struct i2c_adapter *adap, struct i2c_msg *msgs, int num);
	int nr;
};

struct i2c_client {
	unsigned short addr;
	struct i2c_adapter *adapter;
	struct device dev;
};

int i2c_add_adapter(struct i2c_adapter *adap);
int i2c_transfer(struct i2c_adapter *adap, struct i2c_msg *msgs, int num);
s32 i2c_smbus_xfer(const struct i2c_client *client, u8 command, union i2c_smbus_data *data);

#endif /* _LINUX_I2C_H */
