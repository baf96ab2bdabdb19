"""Two type strings differ in a comma that gendwarfksyms loses, and in nothing else.

When a list of parameters is reached again while it is being read, gendwarfksyms drops the comma before the
parameter that it was at. Whether that happens depends on which symbols of the same file are exported, and in
which order they are described: an unrelated new export is enough. No declaration changed, but the version did,
and the loader refuses what was built before.

Before:

    struct clk;
    typedef int (*clk_notify_t)(int, struct clk *);
    struct clk {
            clk_notify_t notify;
    };
    void clk_register(clk_notify_t notify)
    {
    }
    EXPORT_SYMBOL(clk_register);

After:

    struct clk;
    typedef int (*clk_notify_t)(int, struct clk *);
    struct clk {
            clk_notify_t notify;
    };
    void clk_register(clk_notify_t notify)
    {
    }
    EXPORT_SYMBOL(clk_register);

    struct clk clk_root;
    EXPORT_SYMBOL(clk_root);

Remedy: put the new export into a file of its own, or behind the others. `kabicheck symver` warns of versions
that depend on the order of exports.
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
    if pair.old_text != pair.new_text and words(pair.old_text) == words(pair.new_text):
        yield "a list comma that gendwarfksyms loses, depending on which other symbols are exported"


RULE = Rule(check, Severity.INCOMPATIBLE)
