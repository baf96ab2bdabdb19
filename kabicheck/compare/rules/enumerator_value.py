"""An enumerator has another value; in Rust: a variant has another discriminant.

Values are compiled in. What a module passes means something else to the kernel, and the other way round. The
usual reason is a new enumerator that was put before others.

Before:

    enum clk_state {
            CLK_OFF,
            CLK_ON,
    };

After:

    enum clk_state {
            CLK_OFF,
            CLK_PARKED,
            CLK_ON,
    };

Remedy: put new enumerators behind all others. For a last one that only counts (`CLK_MAX`), and that modules do
not use for arrays, `KABI_ENUMERATOR_VALUE` keeps the version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    old, new = pair.enumerators
    for name, value in old.items():
        if name in new and value != new[name]:
            yield f"{name}: {_number(value)} → {_number(new[name])}"


def _number(value: int | None) -> str:
    """gendwarfksyms prints constants as unsigned 64-bit numbers."""
    return "none" if value is None else str(value - (1 << 64) if value >> 63 else value)


RULE = Rule(check, Severity.BREAKING, one="enumerator value changed", many="enumerator values changed")
