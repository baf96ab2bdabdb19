"""A function takes one more parameter.

Callers that were compiled before do not pass it: the function reads whatever is in that register or on the
stack.

Before:

    int clk_park(int id)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

After:

    int clk_park(int id, unsigned long flags)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: keep the function, and let it call the new one, of another name, with what the parameter was before:
`clk_park(id)` calls `clk_park_flags(id, 0)`.
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
        if edit.old is None and edit.new is not None:
            yield f"parameter {edit.place}: {pair.spell(edit.new)}"


RULE = Rule(
    check,
    Severity.BREAKING,
    one="parameter added",
    many="parameters added",
    mirror="parameter-removed",
    looks_around=True,
)
