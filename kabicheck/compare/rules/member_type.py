"""A member has another type.

What was compiled before reads and writes it in its old size and meaning. Where it is the same type by another name the
rule is [type-respelled](type-respelled.md). Members go both ways, so that a `const` more or less counts, as `volatile`
and `_Atomic` do.

Before:

    struct clk {
            int rate;
            void *driver;
    };

After:

    struct clk {
            unsigned int rate;
            void *driver;
    };

Remedy: add a member, and keep the old one.
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
    yield from pair.spell_retyped(part=Part.MEMBER)


RULE = Rule(
    check, Severity.BREAKING, one="member type changed", many="member types changed", looks_around=True
)
