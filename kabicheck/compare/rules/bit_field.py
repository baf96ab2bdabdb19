"""A bit-field has another width, became a plain member, or a plain member became one.

What was compiled before reads and writes the old bits, and with them bits that belong to its neighbours now.

Before:

    struct clk {
            unsigned int state : 3;
            unsigned int locked : 1;
    };

After:

    struct clk {
            unsigned int state : 4;
            unsigned int locked : 1;
    };

Remedy: put new bits behind the last one, into what is left of its storage unit. A `member_ignore` rule outside the
source hides them; `KABI_IGNORE` would move them. Do not widen a bit-field that has a neighbour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.fields import Field
    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for path, old, new in pair.common_fields:
        if old.bit_size != new.bit_size:
            yield f"{path}: {_width(old)} → {_width(new)}"


def _width(found: Field) -> str:
    match found.bit_size:
        case None:
            return "no bit-field"
        case 1:
            return "1 bit"
        case bits:
            return f"{bits} bits"


RULE = Rule(check, Severity.BREAKING, one="bit-field changed", many="bit-fields changed", looks_around=True)
