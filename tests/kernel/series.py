"""The commits that are checked: what each does to the source, and to the exports of TARGETS.

Edits, not patches, so that they still apply to the next stable release.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.kernel.linux import Edit

if TYPE_CHECKING:
    from collections.abc import Mapping

TARGETS = ("lib/", "drivers/base/", "arch/x86/lib/")
FRAGMENT = Path(__file__).with_name("fragment.config")


@dataclass(frozen=True, slots=True)
class Patch:
    """One commit. changes: export → the kind of its change, as far as they can be foretold; causes: titles."""

    name: str
    subject: str
    edits: tuple[Edit, ...]
    changes: Mapping[str, str] = field(default_factory=dict)
    causes: frozenset[str] = frozenset()


# Every assembly export of this configuration is declared in other headers as well. Like cmpxchg8b_emu of 32-bit
# kernels, this one is declared in asm-prototypes.h alone.
PREPARATION = Patch(
    "assembly-export",
    "x86/lib: Add read_stack_pointer()",
    (
        Edit(
            "arch/x86/lib/read_stack_pointer.S",
            new="/* SPDX-License-Identifier: GPL-2.0 */\n#include <linux/export.h>\n#include <linux/linkage.h>\n\n"
            "SYM_FUNC_START(read_stack_pointer)\n\tmovq\t%rsp, %rax\n\tRET\nSYM_FUNC_END(read_stack_pointer)\n"
            "EXPORT_SYMBOL(read_stack_pointer)\n",
        ),
        Edit("arch/x86/lib/Makefile", "obj-y += iomem.o\n", "obj-y += iomem.o read_stack_pointer.o\n"),
        Edit(
            "arch/x86/include/asm/asm-prototypes.h",
            "#ifndef CONFIG_X86_CX8\n",
            "extern unsigned long read_stack_pointer(void);\n\n#ifndef CONFIG_X86_CX8\n",
        ),
    ),
)

SERIES = (
    Patch(
        "deleted-file",
        "lib: Remove memweight()",
        (Edit("lib/memweight.c"), Edit("lib/Makefile", " memweight.o", "")),
        {"memweight": "removed"},
    ),
    Patch(
        "disabled-option",
        "lib/math: CORDIC is broken",
        (
            Edit(
                "lib/math/Kconfig",
                '\ttristate "CORDIC algorithm"\n',
                '\ttristate "CORDIC algorithm"\n\tdepends on BROKEN\n',
            ),
        ),
        {"cordic_calc_iq": "removed"},
    ),
    Patch(
        "asm-prototypes",
        "x86/lib: read_stack_pointer() returns a pointer",
        (
            Edit(
                "arch/x86/include/asm/asm-prototypes.h",
                "unsigned long read_stack_pointer(void)",
                "void *read_stack_pointer(void)",
            ),
        ),
        {"read_stack_pointer": "version"},
        frozenset({"read_stack_pointer()"}),
    ),
    Patch(
        "new-export",
        "lib/cmdline: Export parse_option_str()",
        (
            Edit(
                "lib/cmdline.c",
                "\treturn false;\n}\n",
                "\treturn false;\n}\nEXPORT_SYMBOL_GPL(parse_option_str);\n",
            ),
        ),
        {"parse_option_str": "added"},
    ),
    Patch(
        "licence",
        "lib/argv_split: Export argv_free() to GPL modules only",
        (Edit("lib/argv_split.c", "EXPORT_SYMBOL(argv_free)", "EXPORT_SYMBOL_GPL(argv_free)"),),
        {"argv_free": "licence"},
    ),
    Patch(
        "no-abi",
        "klist: Name the argument of klist_put()",
        (
            Edit(
                "lib/klist.c",
                "\tklist_put(n, true);\n",
                "\tconst bool kill = true;\n\n\tklist_put(n, kill);\n",
            ),
        ),
    ),
    Patch(
        "signature",
        "klist: Let klist_remove() count how often it slept",
        (
            Edit(
                "include/linux/klist.h",
                "klist_remove(struct klist_node *n);",
                "klist_remove(struct klist_node *n, unsigned int *slept);",
            ),
            Edit(
                "lib/klist.c",
                "klist_remove(struct klist_node *n)\n",
                "klist_remove(struct klist_node *n, unsigned int *slept)\n",
            ),
            Edit("lib/klist.c", "\t\tschedule();\n", "\t\tif (slept)\n\t\t\t++*slept;\n\t\tschedule();\n"),
            Edit(
                "drivers/base/bus.c",
                "klist_remove(&drv->p->knode_bus)",
                "klist_remove(&drv->p->knode_bus, NULL)",
            ),
            Edit(
                "drivers/base/core.c",
                "klist_remove(&dev->p->knode_parent)",
                "klist_remove(&dev->p->knode_parent, NULL)",
                times=2,
            ),
            Edit(
                "drivers/base/dd.c",
                "klist_remove(&dev->p->knode_driver)",
                "klist_remove(&dev->p->knode_driver, NULL)",
            ),
        ),
        {"klist_remove": "version"},
        frozenset({"klist_remove()"}),
    ),
    Patch(
        "structure",
        "kobject: Remember a cookie of the owner",
        (
            Edit(
                "include/linux/kobject.h",
                "\tstruct kref\t\tkref;\n\n",
                "\tstruct kref\t\tkref;\n\tunsigned long\t\tcookie;\n\n",
            ),
        ),
        causes=frozenset({"struct kobject"}),
    ),
)

BROKEN = Patch(
    "broken",
    "klist: Use what is not there",
    (Edit("lib/klist.c", "\tklist_put(n, true);\n", "\tklist_put(n, undeclared_here);\n"),),
)
