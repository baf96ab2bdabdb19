"""An enumeration has an enumerator that it did not have; in Rust: a variant.

Enumerators that were there keep their values, unless [enumerator-value](enumerator-value.md) is found too. But what was
compiled before may meet a value that it does not know: a `switch` has no case for it, and an array with one element for
each value is too short, so that the module reads or writes behind its end.

Before:

    enum clk_state {
            CLK_OFF,
            CLK_ON,
    };

After:

    enum clk_state {
            CLK_OFF,
            CLK_ON,
            CLK_PARKED,
    };

Remedy: hand no module a value that it cannot know, but let those that do ask for it. Where the new value stands
before an end marker (`CLK_MAX`) by whose size nothing is shared, `KABI_ENUMERATOR_IGNORE` and `KABI_ENUMERATOR_VALUE`
keep the version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.matched_enumerators.added


RULE = Rule(
    check,
    Severity.BREAKING,
    one="enumerator added",
    many="enumerators added",
    mirror="enumerator-removed",
)
