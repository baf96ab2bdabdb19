"""An exported variable has another type.

Modules access it directly. What was compiled before reads and writes it at its old size and in its old meaning,
beyond its end where it has become smaller. A variable that becomes `const` moves into memory that faults when it is
written. Where it is the same type by another name the rule is [type-respelled](type-respelled.md).

Before:

    int clk_limits[8];
    EXPORT_SYMBOL(clk_limits);

After:

    int clk_limits[16];
    EXPORT_SYMBOL(clk_limits);

Remedy: keep the variable, and export a new one of another name, or functions that access it.
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
    yield from pair.spell_retyped(part=Part.VARIABLE, placed=False)


RULE = Rule(check, Severity.BREAKING, one="variable type changed", looks_around=True)
