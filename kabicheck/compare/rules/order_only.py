"""The members of a union, or the enumerators of an enumeration, stand in another order.

Each of them has the same place or value as before, so that what was compiled still fits. But the order is part
of the version, and the loader refuses it.

Before:

    union clk_rate {
            unsigned int hz;
            float fraction;
    };

After:

    union clk_rate {
            float fraction;
            unsigned int hz;
    };

Remedy: restore the order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if pair.same_but_order:
        yield "the same members or enumerators, in another order"


RULE = Rule(check, Severity.INCOMPATIBLE, one="order changed")
