"""Members are at another place than before.

Offsets are compiled into every access. A module that was built before reads and writes what is now something
else. The reason is most often a member before these that came, went or changed its size; but `__packed`, an
alignment, or another order of the same members move them too.

Before:

    struct clk {
            char id;
            int rate;
            char state;
    };

After:

    struct clk {
            char id;
            char state;
            int rate;
    };

Remedy: restore the order; new members belong into holes, reserved space, or at the end.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kabicheck.compare.fields import called
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for path, old, new in pair.common_fields:
        if old.position == new.position and old.run != new.run:
            yield f"{called(path, old)} may move, as the bit-fields before it changed"
    for distance, group in groupby(pair.common_fields, key=lambda each: each[2].position - each[1].position):
        if not distance:
            continue
        moved = [*group]
        first, last = (called(path, old) for path, old, _ in (moved[0], moved[-1]))
        if len(moved) == 1:
            yield f"{first} moves by {_amount(distance)}"
        else:
            yield f"{len(moved)} members from {first} to {last} move by {_amount(distance)}"


def _amount(bits: int) -> str:
    if bits % 8:
        return f"{bits:+d} bit{'' if abs(bits) == 1 else 's'}"
    return f"{bits // 8:+d} byte{'' if abs(bits) == 8 else 's'}"


RULE = Rule(check, Severity.BREAKING, one="layout changed", said_by=frozenset({"size"}), looks_around=True)
