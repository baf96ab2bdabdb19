"""An export is in no symbol namespace any more.

A module that imports a namespace which no symbol of it needs is loaded all the same, so that nothing that was
built before notices.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_NS(clk_park, "CLK");

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: none is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.namespaces import Access, access
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.NAMESPACE and not change.new and access(change.old, "") is not Access.SAME:
        yield change.old


RULE = Rule(check, Severity.HARMLESS, one="namespace removed", mirror="namespace-added")
