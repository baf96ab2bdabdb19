"""An exported symbol is gone.

No module that uses it can be loaded any more: the loader reports an unknown symbol. Modules in the same tree
that still use it fail to link already (modpost: "undefined!").

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

After:

    static inline int clk_park(int id)
    {
            return id;
    }

Remedy: keep the export as a wrapper around what replaces it, at least for the life of the stable series. Where
it is gone on purpose, a waiver with a reason says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.REMOVED:
        yield f"was {change.old}"


RULE = Rule(check, Severity.BREAKING, one="removed", mirror="export-added")
