"""An export is for the same modules as before, which are listed in other words.

`EXPORT_SYMBOL_FOR_MODULES` names the modules that may use a symbol: their order does not matter, `-` equals `_`, and
what a name with `*` matches needs no name of its own. `*` alone is for all, as no namespace is. Nothing that was built
before notices.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_FOR_MODULES(clk_park, "clk-core,power");

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL_FOR_MODULES(clk_park, "power,clk_core");

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
    if access_change(change) is Access.SAME:
        yield f"{change.old or '(none)'} → {change.new or '(none)'}"


RULE = Rule(check, Severity.HARMLESS, one="the same modules in other words")
