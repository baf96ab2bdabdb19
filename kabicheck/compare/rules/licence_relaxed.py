"""EXPORT_SYMBOL_GPL became EXPORT_SYMBOL.

Whoever could use the symbol still can. It is reported since it is a decision that is hardly ever made on
purpose, and cannot be taken back without breaking somebody.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_GPL(clk_park);

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: none is needed for modules; ask whether it was meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.LICENCE and not change.new:
        yield f"EXPORT_SYMBOL_{change.old} → EXPORT_SYMBOL"


RULE = Rule(check, Severity.HARMLESS, one="licence relaxed", mirror="licence-restricted")
