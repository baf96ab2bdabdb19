"""A structure, a union or an enumeration has another size in bytes.

Whoever allocates it, embeds it, copies it or has an array of it was compiled with the old size: the kernel
writes beyond what a module allocated, and everything behind it in another structure is at another place.

Before:

    struct clk {
            int rate;
    };

After:

    struct clk {
            int rate;
            long limit;
    };

Remedy: use space that was reserved for this (`KABI_RESERVE`, then `KABI_USE`), or padding (`KABI_IGNORE`).
Where modules only ever hold pointers that the kernel allocates, a member at the very end is safe, and
`KABI_BYTE_SIZE` with `KABI_IGNORE` restores the version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    old, new = pair.sizes
    if old is not None and new is not None and old != new:
        yield f"size {old} → {new}"


RULE = Rule(check, Severity.BREAKING)
