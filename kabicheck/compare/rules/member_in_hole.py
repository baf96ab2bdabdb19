"""A structure has a new member where there was padding.

What was compiled before finds its members where they were. But it does not know the new one: in a structure that it
makes itself, as on its stack or with kmalloc(), the new member is what was there by chance, and where it copies or
clears members one by one, it leaves the new one out.

It holds where every old member keeps its place and size, the whole its size and alignment, and where, as far as its
object shows, modules only ever have pointers to what the kernel makes. Where the type is passed or returned by value,
exported, a member of another type, or holds mainly pointers to functions, which modules fill in, it is
[member-added](member-added.md). Whether a module makes or copies one behind a pointer, debug
information does not tell.

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

Remedy: see to it that the kernel initializes the member, and hide it from the version: `KABI_IGNORE(0, int parent)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.spell_fields(pair.placement.holes)


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="member added in a hole",
    many="members added in holes",
    mirror="member-removed",
    milder_than="member-added",
    care="modules do not initialize the new member of what they make themselves",
    looks_around=True,
)
