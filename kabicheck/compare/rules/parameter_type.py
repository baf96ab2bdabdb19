"""A parameter of a function has another type.

Callers that were compiled before pass the old one. Where it is the same type by another name the rule is
[type-respelled](type-respelled.md), and where no more than a `const` behind a pointer differs
[const-safe](const-safe.md) or [const-unsafe](const-unsafe.md). With kCFI (`CONFIG_CFI`, formerly `CONFIG_CFI_CLANG`),
where a call through a pointer of another prototype traps, a `const` that came or went is found here.

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

Remedy: keep the old signature, and cast inside.
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
    yield from pair.spell_retyped(part=Part.PARAMETER)


RULE = Rule(
    check, Severity.BREAKING, one="parameter type changed", many="parameter types changed", looks_around=True
)
