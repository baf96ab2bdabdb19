"""A member has another type.

What was compiled before reads and writes it in its old size and meaning. Where the new type has the same size
and meaning, nothing breaks, but the version changes.

Before:

    struct clk {
            int rate;
            void *driver;
    };

After:

    struct clk {
            unsigned int rate;
            void *driver;
    };

Remedy: where size, place and meaning are the same, `KABI_REPLACE` with the old type and name keeps the
version. Otherwise add a member, and keep the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.retyped import Part
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for each in pair.different(Part.MEMBER):
        yield f"{each.place}: {pair.spell(each.old)} → {pair.spell(each.new)}"


RULE = Rule(
    check, Severity.BREAKING, one="member type changed", many="member types changed", looks_around=True
)
