/* SPDX-License-Identifier: GPL-2.0 */
/* C prototypes of what assembly files export: kbuild takes the types of those exports from here. */
#include <linux/ftrace.h>

void ftrace_stub(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *op);
