"""An enumerator of the same value has another name, beside other changes.

By itself it would be [names-only](names-only.md): what was compiled before passes the same number. Whether a
new name has a new meaning, no tool can tell.

Before:

    enum clk_state {
            CLK_OFF,
            CLK_ON,
    };

After:

    enum clk_state {
            CLK_OFF,
            CLK_RUNNING,
            CLK_PARKED,
    };

Remedy: keep the old name, and define the new one beside it with the same value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if not pair.same_but_names:
        yield from (f"{old} → {new}" for old, new in pair.matched_enumerators.renamed)


RULE = Rule(check, Severity.INCOMPATIBLE, one="enumerator renamed", many="enumerators renamed")
