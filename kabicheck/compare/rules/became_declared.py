"""A definition went out of sight: where the export is defined, the type is only declared now.

The version is made of what the compiler sees in that one file. When an include goes away, or a definition moves
into a `.c` file, the version changes although the layout of the type need not have. The loader refuses modules
that were built before; nothing would have broken, if the type is still defined like this.

Whether it is, cannot be seen in that file. Where another object sees the definition on both sides, or a build on the
way saw a later one, what differs there is found as well, and is as bad as it is anywhere.

Before:

    struct clk {
            int rate;
    };

After:

    struct clk;

Remedy: include the header with the definition again where the export is defined. In the other direction,
`KABI_DECLONLY(clk)` keeps a type out of all versions that was only declared when they were made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if pair.became_hidden:
        yield "became a declaration"


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    mirror="became-defined",
    care="nothing here shows how it is defined now; if differently, modules that include its header break",
)
