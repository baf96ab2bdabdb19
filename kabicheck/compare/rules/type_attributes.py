"""Two type strings differ in attributes that C does not show, such as the encoding of an integer.

The names and sizes are the same, but not what the compiler says of a type: whether `char` is signed, or, in
Rust, who may access a member. The first changes how values are extended; it usually comes from a compiler
option.

Before:

    void clk_park(char id)
    {
    }
    EXPORT_SYMBOL(clk_park);

After:

    #pragma clk "compiled with -funsigned-char"
    void clk_park(char id)
    {
    }
    EXPORT_SYMBOL(clk_park);

Remedy: build both sides with the same options.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.formats.symtypes import words
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    parsed = pair.old is not None and pair.new is not None
    unseen = pair.old == pair.new and words(pair.old_text) != words(pair.new_text)
    if parsed and (pair.encodings_differ or unseen):
        yield "attributes of its types changed"


RULE = Rule(check, Severity.BREAKING, one="type attributes changed")
