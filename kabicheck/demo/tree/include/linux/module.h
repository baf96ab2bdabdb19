/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_MODULE_H
#define _LINUX_MODULE_H

#include <linux/export.h>
#include <linux/stringify.h>

#ifdef MODULE
#define MODULE_INFO(tag, info) \
	static const char __UNIQUE_ID(modinfo)[] __used __section(".modinfo") = __stringify(tag) "=" info
#else
#define MODULE_INFO(tag, info) \
	static const char __UNIQUE_ID(modinfo)[] __used __section(".modinfo") = KBUILD_MODNAME "." __stringify(tag) "=" info
#endif

#define MODULE_LICENSE(license)		MODULE_INFO(license, license)
#define MODULE_DESCRIPTION(description)	MODULE_INFO(description, description)
#define MODULE_IMPORT_NS(ns)		MODULE_INFO(import_ns, ns)

#endif /* _LINUX_MODULE_H */
