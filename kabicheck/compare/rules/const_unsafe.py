"""What a parameter points to ceased to be `const`, or what a result points to became it.

The kernel may now write what a module passes as constant: it faults where that is in read-only memory, and changes
what the module's compiler took for fixed where it is not. Or a module that was compiled before writes what the kernel
holds constant now. In the signature of a callback it is the other way round. See [const-safe](const-safe.md).

Before:

    int clk_name(const char *name)
    {
            return name[0];
    }
    EXPORT_SYMBOL(clk_name);

After:

    int clk_name(char *name)
    {
            return name[0];
    }
    EXPORT_SYMBOL(clk_name);

Remedy: keep the `const`, and work on a copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.compare.spelling import Likeness
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    yield from pair.spell_retyped(likeness=Likeness.CONST_UNSAFE)


RULE = Rule(
    check,
    Severity.BREAKING,
    one="const changed for the worse",
    many="consts changed for the worse",
    mirror="const-safe",
    looks_around=True,
)
