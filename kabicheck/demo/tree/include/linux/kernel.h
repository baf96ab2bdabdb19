/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/export.h>
#include <linux/types.h>

#define ENOMEM	12
#define EEXIST	17
#define EINVAL	22

#ifdef CONFIG_PRINTK
__printf(1, 2) int _printk(const char *fmt, ...);
#else
static inline __printf(1, 2) int _printk(const char *fmt, ...)
{
	return 0;
}
#endif
#define printk(fmt, ...) _printk(fmt, ##__VA_ARGS__)

#endif /* _LINUX_KERNEL_H */
