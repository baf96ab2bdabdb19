"""An export got a symbol namespace.

A module has to import the namespace of each symbol that it uses. One that was built before does not, and is
refused, unless the kernel has MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS. Its version is the same. A list of modules
(`EXPORT_SYMBOL_FOR_MODULES`) cannot be imported: it refuses all that it does not name.

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
    EXPORT_SYMBOL_NS(clk_park, "CLK");

Remedy: leave symbols that others use without a namespace, and put new ones into it. Modules in the tree get
`MODULE_IMPORT_NS("CLK")` (`make nsdeps` writes it).
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
    if not change.old and access_change(change) not in {None, Access.SAME}:
        yield change.new


RULE = Rule(check, Severity.INCOMPATIBLE, one="namespace added", mirror="namespace-removed")
