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
    old_values, new_values = (_values(side) for side in (pair.old, pair.new))
    matched = pair.matched_enumerators
    if matched.removed:
        raise Unsafe(f"the enumerator {next(iter(matched.removed))} is gone")
    if matched.renamed or pair.same_but_order:
        if matched.added:
            raise Unsafe("enumerators were added and renamed, which no rule hides at once")
        return (), ()
    moved = [name for name, value in old_values.items() if new_values[name] != value]
    for name in moved:
        old_value, new_value = old_values[name], new_values[name]
        if not _are_end_markers(moved, pair):
            raise Unsafe(_meant_otherwise(name, old_value, new_value, new_values))
        if sized := _sized_by(old_value, new_value, old, new):
            raise Unsafe(
                f"{sized} has an array of {old_value} elements that has {new_value} now, as {name} says"
            )
    rules = [KabiRule(ENUMERATOR_IGNORE, f"{owner} {name}") for name in matched.added]
    rules += [KabiRule(ENUMERATOR_VALUE, f"{owner} {name}", str(old_values[name])) for name in moved]
    cautions = [MET.format(" and ".join(matched.added))] * bool(matched.added)
    return tuple(rules), (*cautions, *(COUNTED.format(name) for name in moved))


def _values(enumeration: Enumeration) -> dict[str, int | None]:
    """The value of each enumerator by its name."""
    return {enumerator.name: enumerator.value for enumerator in enumeration.enumerators}


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
        others = [each.value for each in side.enumerators if each not in ends]
        largest = max((value for value in others if value is not None), default=None)
        if None in others or largest is None or not set(names) <= {each.name for each in ends}:
            return False
        if any(each.name in names and each.value not in {largest, largest + 1} for each in ends):
            return False
    return True


def _trailing(enumerators: Sequence[Enumerator]) -> list[Enumerator]:
    """The last ones that are named like end markers."""
    count = 0
    while count < len(enumerators) and _MARKER.fullmatch(enumerators[-1 - count].name):
        count += 1
    return list(enumerators[len(enumerators) - count :])


def _meant_otherwise(
    name: str, old_value: int | None, new_value: int | None, new_values: Mapping[str, int | None]
) -> str:
    """What an old module's value means now."""
    meant = next((other for other, value in new_values.items() if value == old_value and other != name), "")
    words = f": what modules pass for it means {meant} now" if meant else ""
    return f"the enumerator {name} changed from {old_value} to {new_value}{words}"


def _sized_by(
    old_count: int | None, new_count: int | None, old: Mapping[str, str], new: Mapping[str, str]
) -> str:
    """A type or export with an array that grew from one number of elements to another, "" for none."""
    for name, old_text in old.items():
        new_text = new.get(name, old_text)
        if new_text != old_text and f"[{old_count}]" in old_text and f"[{new_count}]" in new_text:
            return spell_reference(name) if is_reference(name) else name
    return ""
