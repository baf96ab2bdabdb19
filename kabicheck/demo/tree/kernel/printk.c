// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/string.h>

static char log_buf[128];

int _printk(const char *fmt, ...)
{
	return strscpy(log_buf, fmt, sizeof(log_buf));
}
EXPORT_SYMBOL(_printk);
