"""A structure or union has a member that it did not have.

Members behind it may move, and the whole may grow; then modules that were built before access the wrong place.
Where it fills a hole that was there, nothing moves, but what was compiled before does not initialise it.

Before:

    struct clk {
            int rate;
            void *driver;
    };

After:

    struct clk {
            int rate;
            int parent;
            void *driver;
    };

Remedy: put it into a hole or into reserved space, and hide it from the version: `KABI_IGNORE(0, int parent)`,
or `KABI_USE` of a `KABI_RESERVE`d member.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for path, found in pair.matched_fields.added.items():
        yield pair.spell(found.type, path)


RULE = Rule(
    check,
    Severity.BREAKING,
    one="member added",
    many="members added",
    mirror="member-removed",
    looks_around=True,
)
