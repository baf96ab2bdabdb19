"""An export has no version on one side, or on both.

Nothing can be said of it, so that the exit status is 2 and not 0. With CONFIG_MODVERSIONS a module gets no
version to compare for such a symbol, and modpost warns: `"clk_park" [vmlinux] is a static symbol` or `version
generation failed`. The usual reasons are an export that is written in assembly and is not in asm/asm-
prototypes.h, and an object without debug information.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

After:

    asm(".globl clk_park\n"
        "clk_park: ret");
    EXPORT_SYMBOL(clk_park);

Remedy: declare it in arch/ARCH/include/asm/asm-prototypes.h, and build with CONFIG_GENDWARFKSYMS and debug
information.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.UNVERSIONED:
        yield f"{change.old} → {change.new}" if change.old else change.new


RULE = Rule(check, Severity.BREAKING, one="no version")
