"""A structure or union lost a member.

Members behind it may move, and modules that were built before still read and write where it was: another member
now, or beyond the end.

Before:

    struct clk {
            int rate;
            int parent;
            void *driver;
    };

After:

    struct clk {
            int rate;
            void *driver;
    };

Remedy: leave the member where it is, unused, and name it so (`int unused_parent`, with `KABI_REPLACE`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.spell_fields(pair.placement.removed)


RULE = Rule(
    check,
    Severity.BREAKING,
    one="member removed",
    many="members removed",
    mirror="member-added",
    looks_around=True,
)
