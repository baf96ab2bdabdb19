"""An export went from one symbol namespace into another, or to a list of other modules.

A module that was built before imports the old namespace and not the new one, and is refused, unless the kernel
has MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS. Its version is the same. What `EXPORT_SYMBOL_FOR_MODULES` gives only to
the modules that it names cannot be imported: from a namespace to such a list, and back, all those are refused that
used it before.

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
    EXPORT_SYMBOL_NS(clk_park, "CLK_CORE");

Remedy: keep the old namespace; a namespace can hold symbols of several subsystems.
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
    if access_change(change) is Access.OTHER:
        yield f"{change.old} → {change.new}"


RULE = Rule(check, Severity.INCOMPATIBLE, one="namespace changed")
