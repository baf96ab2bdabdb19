"""A structure has a new member in the storage unit of a bit-field, in bits that were free.

No old member moves. But what was compiled before may write a bit-field by reading its storage unit and writing the
whole back, with the new bits as they were when it read them. Where the kernel changes these meanwhile, under another
lock or none, its change is lost. And where modules make such a structure themselves, they do not initialize the bits.

It holds where every old member keeps its place and size, the whole its size and alignment, and where, as far as its
object shows, modules only ever have pointers to what the kernel makes. Where the type is passed or returned by value,
exported, a member of another type, or holds mainly pointers to functions, which modules fill in, it is
[member-added](member-added.md).

Before:

    struct clk {
            unsigned int state : 3;
            unsigned int locked : 1;
    };

After:

    struct clk {
            unsigned int state : 3;
            unsigned int locked : 1;
            unsigned int parked : 1;
    };

Remedy: write the new bits only where the lock is held that protects the old ones. `KABI_IGNORE` cannot hide them,
since a union would move them: a `member_ignore` rule outside the source can, or `KABI_TYPE_STRING` with the old text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.spell_fields(pair.placement.bits)


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="free bits used",
    mirror="member-removed",
    milder_than="member-added",
    care="modules do not initialize the new bits of what they make themselves, and may write them back as they were "
    "where they write their neighbours, unless one lock guards all",
    looks_around=True,
)
