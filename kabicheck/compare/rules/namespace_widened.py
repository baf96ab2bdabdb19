"""An export is for more modules than before.

`EXPORT_SYMBOL_FOR_MODULES` names the modules that may use a symbol: a name may end in `*`, and `-` equals `_`. All that
the old list matches the new one matches too, so that nothing that was built before notices.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_FOR_MODULES(clk_park, "clk-core");

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_FOR_MODULES(clk_park, "clk_*,power");

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
    if change.old and change.new and access_change(change) is Access.WIDER:
        yield f"{change.old} → {change.new}"


RULE = Rule(check, Severity.HARMLESS, one="for more modules", mirror="namespace-narrowed")
