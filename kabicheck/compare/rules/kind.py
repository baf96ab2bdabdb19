"""A structure became a union, a function a variable, or the like.

Everything that was compiled against the old kind does something else than what is meant now: a call of what is
a variable jumps into data, members of a union lie on one another.

Before:

    int clk_limit(void)
    {
            return 100;
    }
    EXPORT_SYMBOL(clk_limit);

After:

    int clk_limit = 100;
    EXPORT_SYMBOL(clk_limit);

Remedy: give the new thing a name of its own, and keep the old one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Declaration, Enumeration, Function, Variable
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    old, new = _kind(pair.old), _kind(pair.new)
    if pair.old is not None and pair.new is not None and old != new:
        yield f"{old} became {new}"


def _kind(declaration: Declaration | None) -> str:
    match declaration:
        case Aggregate(keyword):
            return keyword
        case Function():
            return "function"
        case Variable():
            return "variable"
        case Enumeration():
            return "enum"
        case _:
            return "type"


RULE = Rule(check, Severity.BREAKING)
