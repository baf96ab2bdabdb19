"""EXPORT_SYMBOL became EXPORT_SYMBOL_GPL.

A module whose MODULE_LICENSE is not compatible with the GPL can no longer use the symbol: the loader reports it
as unknown. All others notice nothing.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_GPL(clk_park);

Remedy: keep EXPORT_SYMBOL for symbols that were exported with it, and use EXPORT_SYMBOL_GPL for new ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.LICENCE and change.new:
        yield f"EXPORT_SYMBOL → EXPORT_SYMBOL_{change.new}"


RULE = Rule(check, Severity.INCOMPATIBLE, one="licence restricted", mirror="licence-relaxed")
