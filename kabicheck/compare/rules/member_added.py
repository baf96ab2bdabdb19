"""A structure or union has a member that it did not have.

Members behind it may move, and the whole may grow; then modules that were built before access the wrong place. Where
nothing moves and the new member is not in the way of an array without length, it is milder, and has a name of its own,
if only the kernel makes such structures, as far as can be seen: [member-in-hole](member-in-hole.md),
[bits-in-use](bits-in-use.md), [member-overlaid](member-overlaid.md) and [reserve-used](reserve-used.md). Otherwise what
was compiled before makes structures in which the new member is not initialized, and the kernel takes it for one that
is.

Before:

    struct clk {
            int rate;
            void *driver;
    };

After:

    struct clk {
            int rate;
            long parent;
            void *driver;
    };

Remedy: put it into a hole or into reserved space, and hide it from the version: `KABI_IGNORE(0, int flags)`,
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
    yield from pair.spell_fields(pair.placement.added)


def care(pair: Pair) -> str:
    """Why a new member is one where nothing moves."""
    why = dict.fromkeys(pair.placement.minded.values())
    return f"nothing moves, but {', and '.join(why)}" if why else ""


RULE = Rule(
    check,
    Severity.BREAKING,
    one="member added",
    many="members added",
    mirror="member-removed",
    care=care,
    looks_around=True,
)
