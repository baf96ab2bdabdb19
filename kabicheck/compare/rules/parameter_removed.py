"""A function takes one parameter less.

Callers that were compiled before still pass it. Behind it all parameters are one place off; where it was the
last, the caller's wish is silently ignored.

Before:

    int clk_park(int id, unsigned long flags)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

After:

    int clk_park(int id)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: keep the function with the old signature as a wrapper around a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for edit in pair.parameter_edits:
        if edit.new is None and edit.old is not None:
            yield f"parameter {edit.place}: {pair.spell(edit.old)}"


RULE = Rule(
    check,
    Severity.BREAKING,
    one="parameter removed",
    many="parameters removed",
    mirror="parameter-added",
    looks_around=True,
)
