"""An array of unknown length at the end is declared in another way.

`u32 data[0]` and `u32 data[]` are the same to what was compiled: both begin where the known part of the structure ends,
and their elements have the same type. So is what `DECLARE_FLEX_ARRAY` makes, a structure around the array. The version
changes, and the loader refuses it. An array of one element that loses its length, or an array where none was, is
another layout: [member-type](member-type.md), [member-added](member-added.md).

Before:

    struct clk {
            int count;
            int rates[0];
    };

After:

    struct clk {
            int count;
            int rates[];
    };

Remedy: keep the old declaration, or its text with `KABI_TYPE_STRING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    for path, old, new in pair.flexible_arrays:
        yield f"{path}: {pair.spell(old.type)} → {pair.spell(new.type)}"


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="flexible array declared otherwise",
    many="flexible arrays declared otherwise",
    looks_around=True,
)
