"""Rules that hide what happened to an enumeration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Enumeration
from kabicheck.formats.kabi import ENUMERATOR_IGNORE, ENUMERATOR_VALUE, KabiRule
from kabicheck.remedy.unsafe import Unsafe

if TYPE_CHECKING:
    from kabicheck.compare.pair import Pair


def enumerator_rules(owner: str, pair: Pair) -> tuple[KabiRule, ...]:
    """Hide new enumerators, and that an end marker behind them moved on; none for changed names. Raises Unsafe."""
    assert isinstance(pair.old, Enumeration)
    assert isinstance(pair.new, Enumeration)
    if pair.old.byte_size != pair.new.byte_size:
        raise Unsafe(f"its size changed from {pair.old.byte_size} to {pair.new.byte_size}")
    old, new = ({e.name: e.value for e in side.enumerators} for side in (pair.old, pair.new))
    matched = pair.matched_enumerators
    if matched.removed:
        raise Unsafe(f"the enumerator {next(iter(matched.removed))} is gone")
    if matched.renamed or pair.same_but_order:
        if matched.added:
            raise Unsafe("enumerators were added and renamed, which no rule hides at once")
        return ()
    rules = [KabiRule(ENUMERATOR_IGNORE, f"{owner} {name}") for name in matched.added]
    for name, value in old.items():
        if new[name] == value:
            continue
        if not _is_end_marker(name, pair):
            raise Unsafe(f"the enumerator {name} changed from {value} to {new[name]}")
        rules.append(KabiRule(ENUMERATOR_VALUE, f"{owner} {name}", str(value)))
    return tuple(rules)


def _is_end_marker(name: str, pair: Pair) -> bool:
    """Whether an enumerator is the last one of both sides, and above all others: it counts them."""
    for side in (pair.old, pair.new):
        assert isinstance(side, Enumeration)
        *others, last = side.enumerators
        if last.name != name or last.value is None:
            return False
        if any(other.value is None or other.value >= last.value for other in others):
            return False
    return True
