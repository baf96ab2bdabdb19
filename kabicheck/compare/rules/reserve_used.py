"""Space that was reserved in a structure is a member now.

`KABI_RESERVE` and its like keep space for later, of which modules know nothing but its size; `KABI_USE` gives it to a
member. Nothing moves. In a structure that a module makes itself the space is as it leaves it: zero if it clears the
whole or has an initializer. The slots of the kernel's macros, and those of Android's, Red Hat's, openEuler's and
SUSE's, are known by their names; under `--stable`, which hides the names, by having none.

It holds where every old member keeps its place and size, the whole its size and alignment, and where, as far as its
object shows, modules only ever have pointers to what the kernel makes. Where the type is passed or returned by value,
exported, a member of another type, or holds mainly pointers to functions, which modules fill in, it is
[member-added](member-added.md).

Before:

    struct clk {
            int rate;
            unsigned long __kabi_reserved1;
            unsigned long __kabi_reserved2;
    };

After:

    struct clk {
            int rate;
            union {
                    void *driver;
                    struct {
                            unsigned long __kabi_reserved1;
                    };
            };
            unsigned long __kabi_reserved2;
    };

Remedy: let zero mean that the member is not there. `KABI_USE(1, void *driver)` keeps the version, with `--stable`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.fields import called
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    old, _ = pair.fields
    for path, (found, slot) in pair.placement.used.items():
        yield f"{called(slot, old[slot])} used for {pair.spell_field(path, found)}"


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    mirror="member-removed",
    milder_than="member-added",
    care="in what modules make themselves, reserved space is zero only if they cleared it",
    looks_around=True,
)
