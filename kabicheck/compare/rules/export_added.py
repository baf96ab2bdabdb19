"""A symbol is exported that was not.

Nothing that was built before knows of it. It is an obligation for the future: whoever uses it counts on it
staying as it is, which is why it is reported.

Before:

    static inline int clk_park(int id)
    {
            return id;
    }

After:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: none is needed. Before a release, look whether the declaration is one that can be kept, and whether
EXPORT_SYMBOL_GPL or a namespace would do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.ADDED:
        yield f"version {change.new}"


RULE = Rule(check, Severity.HARMLESS, one="added", mirror="export-removed")
