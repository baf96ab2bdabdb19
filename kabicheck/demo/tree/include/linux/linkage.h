/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LINUX_LINKAGE_H
#define _LINUX_LINKAGE_H

#define ASM_NL		;

#ifdef __ASSEMBLY__
#define SYM_FUNC_START(name)	.globl name ASM_NL .balign 4 ASM_NL name:
#define RET			ret
#define SYM_FUNC_END(name)	.type name, %function ASM_NL .size name, . - name
#endif

#endif /* _LINUX_LINKAGE_H */
