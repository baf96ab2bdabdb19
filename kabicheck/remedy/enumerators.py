"""Rules that hide what happened to an enumeration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Enumeration
from kabicheck.compare.render import spell_reference
from kabicheck.formats.kabi_rules import ENUMERATOR_IGNORE, ENUMERATOR_VALUE, KabiRule
from kabicheck.formats.symtypes import is_reference
from kabicheck.remedy.unsafe import Unsafe

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.compare.declaration import Enumerator
    from kabicheck.compare.pair import Pair

# How the kernel names what counts the enumerators before it: NR_LRU_LISTS, __NL80211_CMD_AFTER_LAST, MAX_NR_ZONES.
_MARKER = re.compile(
    r"(?:.*_)?(?:MAX|MAXIMUM|LAST|NUM|COUNT|CNT|END|NR|SENTINEL)_*|_*(?:NUM|NR|MAX|LAST|N|NB)_.*",
    re.IGNORECASE | re.DOTALL,
)
# Beside one of these, what is named like an end marker is its counterpart, and means something: START and END.
_COUNTERPART = re.compile(
    r"(?:.*_)?(?:START|BEGIN|FIRST|MIN|MINIMUM)_*|_*(?:MIN|FIRST)_.*", re.IGNORECASE | re.DOTALL
)

MET = "the kernel may hand modules {}, which those built before do not know"
COUNTED = "modules built before count up to {} as it was: no array that they share with the kernel may have its size"


def enumerator_rules(
    owner: str, pair: Pair, old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[tuple[KabiRule, ...], tuple[str, ...]]:
    """Hide new enumerators, and that an end marker behind them moved on; and what that is safe under.

    No rules for changed names. old, new: type strings of the object. Raises Unsafe.
    """
    assert isinstance(pair.old, Enumeration)
    assert isinstance(pair.new, Enumeration)
    if pair.old.byte_size != pair.new.byte_size:
        raise Unsafe(f"its size changed from {pair.old.byte_size} to {pair.new.byte_size}")
    before, after = ({e.name: e.value for e in side.enumerators} for side in (pair.old, pair.new))
    matched = pair.matched_enumerators
    if matched.removed:
        raise Unsafe(f"the enumerator {next(iter(matched.removed))} is gone")
    if matched.renamed or pair.same_but_order:
        if matched.added:
            raise Unsafe("enumerators were added and renamed, which no rule hides at once")
        return (), ()
    moved = [name for name, value in before.items() if after[name] != value]
    for name in moved:
        was, now = before[name], after[name]
        if not _are_end_markers(moved, pair):
            raise Unsafe(_meant_otherwise(name, was, now, after))
        if who := _sized_by(was, now, old, new):
            raise Unsafe(f"{who} has an array of {was} elements that has {now} now, as {name} says")
    rules = [KabiRule(ENUMERATOR_IGNORE, f"{owner} {name}") for name in matched.added]
    rules += [KabiRule(ENUMERATOR_VALUE, f"{owner} {name}", str(before[name])) for name in moved]
    cautions = [MET.format(" and ".join(matched.added))] * bool(matched.added)
    return tuple(rules), (*cautions, *(COUNTED.format(name) for name in moved))


def _are_end_markers(names: Sequence[str], pair: Pair) -> bool:
    """Whether enumerators only count the others: by their names, behind and above all others on both sides.

    `NL_MAX = __NL_MAX - 1` is as large as the last one that it counts.
    """
    if not all(_MARKER.fullmatch(name) for name in names):
        return False
    if any(_COUNTERPART.fullmatch(name) for side in pair.enumerators for name in side):
        return False
    for side in (pair.old, pair.new):
        assert isinstance(side, Enumeration)
        ends = _trailing(side.enumerators)
        others = [e.value for e in side.enumerators if e not in ends]
        largest = max((value for value in others if value is not None), default=None)
        if None in others or largest is None or not set(names) <= {e.name for e in ends}:
            return False
        if any(e.name in names and e.value not in {largest, largest + 1} for e in ends):
            return False
    return True


def _trailing(enumerators: Sequence[Enumerator]) -> list[Enumerator]:
    """The last ones that are named like end markers."""
    count = 0
    while count < len(enumerators) and _MARKER.fullmatch(enumerators[-1 - count].name):
        count += 1
    return list(enumerators[len(enumerators) - count :])


def _meant_otherwise(name: str, was: int | None, now: int | None, after: Mapping[str, int | None]) -> str:
    """What an old module's value means now."""
    meant = next((other for other, value in after.items() if value == was and other != name), "")
    words = f": what modules pass for it means {meant} now" if meant else ""
    return f"the enumerator {name} changed from {was} to {now}{words}"


def _sized_by(was: int | None, now: int | None, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """A type or export with an array that grew from one number of elements to another, "" for none."""
    for name, text in old.items():
        changed = new.get(name, text)
        if changed != text and f"[{was}]" in text and f"[{now}]" in changed:
            return spell_reference(name) if is_reference(name) else name
    return ""
