"""An enumeration lost an enumerator; in Rust: a variant.

What was compiled before still passes its value, which now means nothing, or something else.

Before:

    enum clk_state {
            CLK_OFF,
            CLK_ON,
            CLK_PARKED,
    };

After:

    enum clk_state {
            CLK_OFF,
            CLK_ON,
    };

Remedy: leave it, with a comment that it is not used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.matched_enumerators.removed


RULE = Rule(
    check, Severity.BREAKING, one="enumerator removed", many="enumerators removed", mirror="enumerator-added"
)
