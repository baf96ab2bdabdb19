"""A parameter, a result, a variable, a member or a typedef names the same type in other words.

`unsigned long` became `size_t`, a typedef was replaced by what it stands for, or the other way round: also behind
pointers, in arrays, and in the signatures of function pointers. Without typedefs both are one type, of the same name,
size, encoding and alignment in the debug information, so that what was compiled before still fits. But how a type is
spelled is part of the version, and the loader refuses it.

It holds for the architecture that was compiled: `size_t` and `unsigned int` are the same on 32-bit ones alone. `char`
and `signed char`, `bool` and `u8`, `unsigned long` and `unsigned long long`, an enumeration and `int` are two types
everywhere, and so are pointers to structures of two names. A byte order is part of what a value means: where `__le32`
became `__be32` they are two types; where a name came that says one, as annotations for sparse do, it is respelled.

Before:

    void clk_copy(void *to, unsigned long size)
    {
    }
    EXPORT_SYMBOL(clk_copy);

After:

    typedef unsigned long size_t;
    void clk_copy(void *to, size_t size)
    {
    }
    EXPORT_SYMBOL(clk_copy);

Remedy: keep the old spelling, or give the version the old text with `KABI_TYPE_STRING`, of a member with
`KABI_REPLACE`.
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
    yield from pair.spell_retyped(likeness=Likeness.RESPELLED)


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="type spelled otherwise",
    many="types spelled otherwise",
    care="the types are the same on this architecture, and may be two on others",
    looks_around=True,
)
