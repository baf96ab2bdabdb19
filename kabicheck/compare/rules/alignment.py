"""A type has another alignment.

It decides at which addresses objects of it may lie, where it stands in other structures, and often its size.
The compiler may use instructions that fault where a module put one at an address that was good enough before.
The same holds where the size stays, but a new member is of a type that has to be aligned more than all others.

Before:

    struct clk {
            int rate;
    };

After:

    struct clk {
            int rate;
    } __attribute__((aligned(16)));

Remedy: align the one object or member that needs it, and not the type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    old, new = getattr(pair.old, "alignment", None), getattr(pair.new, "alignment", None)
    hidden = pair.became_visible or pair.became_hidden
    if pair.old is not None and pair.new is not None and old != new and not hidden:
        yield f"{old or 'natural'} → {new or 'natural'}"
    elif pair.natural_alignments:
        old_natural, new_natural = pair.natural_alignments
        yield f"{old_natural} → {new_natural}, as its members need"


RULE = Rule(check, Severity.BREAKING, one="alignment changed", looks_around=True)
