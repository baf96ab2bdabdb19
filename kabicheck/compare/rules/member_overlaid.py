"""A new member lies over old ones: they are in a union with it now.

Every old member is where it was, as when `void *p` becomes `union { void *p; unsigned long v; }`. What was compiled
before knows only the old one: it takes for it whatever the kernel stores in the new one, and the kernel may take for
the new one what it stores. It neither sets the new one, nor looks at what tells which of them holds.

It holds where every old member keeps its place and size, the whole its size and alignment, and where, as far as its
object shows, modules only ever have pointers to what the kernel makes. Where the type is passed or returned by value,
exported, a member of another type, or holds mainly pointers to functions, which modules fill in, it is
[member-added](member-added.md).

Before:

    struct clk {
            int rate;
            void *driver;
    };

After:

    struct clk {
            int rate;
            union {
                    void *driver;
                    unsigned long cookie;
            };
    };

Remedy: use the new member only in structures into which old modules never look, or give it a place of its own. No rule
is offered, since old modules do use what it lies over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.spell_fields(pair.placement.overlaid)


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="member added over old ones",
    many="members added over old ones",
    mirror="member-removed",
    milder_than="member-added",
    care="modules take what is stored in the new member for the old one at its place, and do not initialize the "
    "new one of what they make themselves",
    looks_around=True,
)
