"""A function returns another type.

Callers that were compiled before read the result in the old way: the upper half of a register that is not set,
a pointer that is an error code now, a hidden argument for a structure that is not passed. Where it is the same type by
another name the rule is [type-respelled](type-respelled.md), and where no more than a `const` behind a pointer differs
[const-safe](const-safe.md) or [const-unsafe](const-unsafe.md), unless the kernel has kCFI.

Before:

    int clk_park(int id)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

After:

    void *clk_park(int id)
    {
            return 0;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: keep the function as a wrapper, and give the new one another name.
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
    yield from pair.spell_retyped(part=Part.RESULT, placed=False)


RULE = Rule(check, Severity.BREAKING, one="return type changed", looks_around=True)
