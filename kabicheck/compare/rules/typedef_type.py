"""A typedef stands for another type.

Everything that is declared with it changes with it: sizes, the registers in which arguments are passed,
signedness. Where it is the same type by another name the rule is [type-respelled](type-respelled.md).

Before:

    typedef unsigned int clk_id_t;

After:

    typedef unsigned long clk_id_t;

Remedy: leave the old typedef alone and give the new type a name of its own.
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
    yield from pair.spell_retyped(part=Part.TYPEDEF, placed=False)


RULE = Rule(check, Severity.BREAKING, one="type changed", looks_around=True)
