"""A member of the same type at the same place has another name, beside other changes.

By itself it would be [names-only](names-only.md): what was compiled before still fits, and the version changes.
Whether a new name has a new meaning, no tool can tell.

Before:

    struct clk {
            int rate;
            void *driver;
    };

After:

    struct clk {
            int hertz;
            void *driver;
            void *owner;
    };

Remedy: keep the old name, or rename it back for the version with `KABI_REPLACE`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if not pair.same_but_names:
        yield from (f"{old} → {new}" for old, new in pair.matched_fields.renamed)


RULE = Rule(check, Severity.INCOMPATIBLE, one="member renamed", many="members renamed", looks_around=True)
