/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __LINUX_COMPILER_H
#define __LINUX_COMPILER_H

#include <linux/compiler_types.h>

/* Keeps a symbol that nothing in this file refers to. */
#define __ADDRESSABLE(sym) \
	static void * __used __section(".discard.addressable") \
	__UNIQUE_ID(__PASTE(addressable_, sym)) = (void *)&sym;

#endif /* __LINUX_COMPILER_H */
