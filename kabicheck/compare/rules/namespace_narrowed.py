"""An export is for fewer modules than before.

`EXPORT_SYMBOL_FOR_MODULES` names the modules that may use a symbol: a name may end in `*`, and `-` equals `_`. The
loader refuses a module that the old list matched and the new one does not, unless the kernel has
MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_FOR_MODULES(clk_park, "clk-*,power");

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_FOR_MODULES(clk_park, "clk-core,power");

Remedy: keep the names that are there, and add others.
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
    if change.old and change.new and access_change(change) is Access.NARROWER:
        yield f"{change.old} → {change.new}"


RULE = Rule(check, Severity.INCOMPATIBLE, one="for fewer modules", mirror="namespace-widened")
