"""The same members, in other structures and unions that only group them.

`struct_group()` puts members into a union of an unnamed and a named structure, so that they can be copied together;
with `-fms-extensions` a structure that has a tag but no name stands for its members. Each of them is where it was, and
nothing new is there to be initialized: what was compiled before still fits. But how members are grouped is part of the
version, and the loader refuses it. Where such a structure is passed or returned by value, what has a second name counts
as [member-added](member-added.md), since on some machines a union is passed in other registers.

Before:

    struct clk {
            int rate;
            int parent;
            void *driver;
    };

After:

    struct clk {
            union {
                    struct {
                            int rate;
                            int parent;
                    };
                    struct {
                            int rate;
                            int parent;
                    } state;
            };
            void *driver;
    };

Remedy: copy the members one by one, or restore the version with `KABI_TYPE_STRING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    names = list(pair.placement.grouped)
    if names:
        more = f", … (+{len(names) - _SHOWN})" if len(names) > _SHOWN else ""
        yield f"other names for the same members: {', '.join(names[:_SHOWN])}{more}"
    elif pair.same_but_grouping and pair.is_steady:
        yield "the same members, grouped in another way"


_SHOWN = 5


RULE = Rule(
    check,
    Severity.INCOMPATIBLE,
    one="members grouped",
    looks_around=True,
)
