"""A definition came into sight: where the export is defined, the type was only declared before.

The version is made of what the compiler sees in that one file. A new include is enough to change it, although
nothing about the type did. The loader refuses modules that were built before; nothing would have broken, if the type
was defined like this before.

Whether it was, cannot be seen in that file. Where another object sees the definition on both sides, or a build on the
way saw an earlier one, what differs there is found as well, and is as bad as it is anywhere.

Before:

    struct clk;

After:

    struct clk {
            int rate;
    };

Remedy: `KABI_DECLONLY(clk)` has gendwarfksyms treat the type as a declaration, as it was; not where the definition
changed as well, which modules with that header notice. Without kABI rules: do not include that header where the
export is defined (genksyms' trees hide the include behind `#ifndef __GENKSYMS__`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if pair.became_visible:
        yield "became defined"


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    mirror="became-declared",
    care="nothing here shows how it was defined before; if differently, modules that include its header break",
)
