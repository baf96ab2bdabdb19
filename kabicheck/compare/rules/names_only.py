"""Members, parameters or enumerators have other names, and nothing else changed.

The binary layout is identical: what was compiled before still fits. But names are part of the version, so that
the loader refuses it. It is said of parameters, too, whose types only have other names
([type-respelled](type-respelled.md)) or another `const` ([const-safe](const-safe.md)).

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

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.compare.pair import Pair


def check(pair: Pair) -> Iterator[str]:
    if pair.same_but_names:
        renamed = pair.renamed_parameters or pair.matched_fields.renamed + pair.matched_enumerators.renamed
        yield _listed(renamed) or "names in the types of members or parameters"
    elif pair.renamed_parameters:
        yield _listed(pair.renamed_parameters)


def _listed(renamed: Sequence[tuple[str, str]]) -> str:
    more = f", and {len(renamed) - _SHOWN} more" if len(renamed) > _SHOWN else ""
    return ", ".join(f"{old} → {new}" for old, new in renamed[:_SHOWN]) + more


_SHOWN = 5


RULE = Rule(check, Severity.INCOMPATIBLE, one="only names changed", looks_around=True)
