// SPDX-License-Identifier: GPL-2.0
#include <linux/export.h>
#include <linux/ftrace.h>
#include <linux/kernel.h>

static struct ftrace_ops *ftrace_ops_list;

int register_ftrace_function(struct ftrace_ops *ops)
{
	if (!ops->func)
		return -EINVAL;
	ops->next = ftrace_ops_list;
	ftrace_ops_list = ops;
	return 0;
}
EXPORT_SYMBOL_GPL(register_ftrace_function);
