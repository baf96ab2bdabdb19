"""Two type strings differ, and they are no declarations that kabicheck can take apart.

It holds for what genksyms wrote, whose type strings are C without offsets and sizes, for the text of a
`KABI_TYPE_STRING` rule, and for types that nest without end. The version changed; whether the layout did is for you to
see: the report shows both texts.

Before:

    s#clk clk as it was in 6.12

After:

    s#clk clk as it was in 6.18

Remedy: compare objects with debug information, or what gendwarfksyms wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.c_words import c_difference
from kabicheck.compare.rules.rule import Rule
from kabicheck.formats.symtypes import words
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if pair.old_text and pair.new_text:
        unread = pair.old is None or pair.new is None
        if unread and words(pair.old_text) != words(pair.new_text):
            yield c_difference(pair.old_text, pair.new_text, pair.around.subject) or "type string changed"
    elif pair.old_text or pair.new_text:
        yield f"not known on the {'new' if pair.old_text else 'old'} side"


RULE = Rule(check, Severity.BREAKING)
