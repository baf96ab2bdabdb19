"""A parameter of a function has another type.

Callers that were compiled before pass the old one. Where both have the same size and meaning (`struct page *`
and `const struct page *`) nothing breaks, but the version does not say so.

Before:

    int clk_park(int id)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

After:

    int clk_park(long id)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: keep the old signature; cast inside. For a mere `const`, `KABI_TYPE_STRING` with the old signature is
safe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.retyped import Part
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for each in pair.different(Part.PARAMETER):
        yield f"{each.place}: {pair.spell(each.old)} → {pair.spell(each.new)}"


RULE = Rule(
    check, Severity.BREAKING, one="parameter type changed", many="parameter types changed", looks_around=True
)
