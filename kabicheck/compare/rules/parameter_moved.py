"""Parameters of the same type changed places.

The types that callers pass are the same, so that nothing but the names tells: what was compiled before passes
one parameter as the other. If only the names were wrong before, nothing breaks, but no tool can know that.

Before:

    int clk_swap(int from, int to)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_swap);

After:

    int clk_swap(int to, int from)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_swap);

Remedy: keep the order, and give a function with another one another name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for name, old, new in pair.moved_parameters:
        yield f"{name}: parameter {old} → {new}"


RULE = Rule(check, Severity.BREAKING, one="parameter moved", many="parameters moved", looks_around=True)
