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

from kabicheck.compare.namespaces import Access, access_change
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if not change.new and access_change(change) not in {None, Access.SAME}:
        yield change.old


RULE = Rule(check, Severity.HARMLESS, one="namespace removed", mirror="namespace-added")
