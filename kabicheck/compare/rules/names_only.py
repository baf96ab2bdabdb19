"""Members, parameters or enumerators have other names, and nothing else changed.

The binary layout is identical: what was compiled before still fits. But names are part of the version, so that
the loader refuses it.

Before:

    int clk_park(int id)
    {
            return id;
    }
    EXPORT_SYMBOL(clk_park);

After:

    int clk_park(int number)
    {
            return number;
    }
    EXPORT_SYMBOL(clk_park);

Remedy: keep the old name, or restore the version with a kABI rule: a member is renamed back with
`_KABI_RENAMED` (`KABI_REPLACE`), a signature with `KABI_TYPE_STRING`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Function
from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if pair.same_but_names:
        yield _renames(pair)


def _renames(pair: Pair) -> str:
    match pair.old, pair.new:
        case Function(old), Function(new):
            renamed = [
                (a.name or "(none)", b.name or "(none)")
                for a, b in zip(old, new, strict=False)
                if a.name != b.name
            ]
        case _:
            renamed = pair.matched_fields.renamed + pair.matched_enumerators.renamed
    if not renamed:
        return "names in the types of members or parameters"
    more = f", and {len(renamed) - _SHOWN} more" if len(renamed) > _SHOWN else ""
    return ", ".join(f"{old} → {new}" for old, new in renamed[:_SHOWN]) + more


_SHOWN = 5


RULE = Rule(check, Severity.INCOMPATIBLE, one="only names changed")
