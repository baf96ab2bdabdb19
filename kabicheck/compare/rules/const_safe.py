"""What a parameter points to became `const`, or what a result points to ceased to be.

Whoever was compiled before does nothing that is not allowed any more: it may pass what is constant and what is not, and
does not write what it gets. In the signature of a callback, a function that the module gives to the kernel, it is the
other way round; behind a pointer to a pointer it holds only where the pointer between is `const` too (as in C++). What
is stored in members and variables goes both ways, where any `const` is [member-type](member-type.md) or
[variable-type](variable-type.md).

With kCFI (`CONFIG_CFI`, formerly `CONFIG_CFI_CLANG`) an indirect call is only let through where both sides have the
same prototype, typedefs aside: there it is [parameter-type](parameter-type.md) or [return-type](return-type.md).
Where no configuration is known, the report says so.

Before:

    int clk_name(char *name)
    {
            return name[0];
    }
    EXPORT_SYMBOL(clk_name);

After:

    int clk_name(const char *name)
    {
            return name[0];
    }
    EXPORT_SYMBOL(clk_name);

Remedy: leave the signature as it was; or, in kernels without kCFI, `KABI_TYPE_STRING` with the old one.
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
    yield from pair.spell_retyped(likeness=Likeness.CONST_SAFE)


def care(pair: Pair) -> str:
    """Of kernels whose configuration is not known."""
    return "" if pair.around.cfi is False else "a kernel with kCFI traps where it is called indirectly"


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="const changed for the better",
    many="consts changed for the better",
    mirror="const-unsafe",
    care=care,
    looks_around=True,
)
