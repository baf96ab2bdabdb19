/* SPDX-License-Identifier: GPL-2.0 */
#include <linux/export.h>
#include <linux/linkage.h>

/* What a traced function calls while nobody traces it. */
	.text
SYM_FUNC_START(ftrace_stub)
	RET
SYM_FUNC_END(ftrace_stub)
EXPORT_SYMBOL(ftrace_stub)

	.section .note.GNU-stack, "", %progbits
