"""Which types differ only because a type that they contain does.

    struct inner { int a; };                         + int b;            the root
    struct outer { struct inner i; void *p; };       p moves, the size grows: it follows

What is shown of a follower, before it is folded away under its root:

- Both declarations are word for word the same, apart from offsets and sizes of structures and unions.
- Each member lies, on both sides, where the members before it and the natural alignment of its type put it; or one
  and the same alignment explains both places (`__packed`, `__aligned`). Where it is natural on one side, that must be
  an attribute's, and the whole must be aligned as much on both sides, as gcc says of what has such a member. The same
  holds for the size of the whole. So one declaration, the same on both sides, explains both layouts.
- A named type that it contains by value has another size or alignment.

Natural alignment is what DWARF's types tell: that of the largest member, a base type's own size. Where that is wrong
for a machine it is wrong on both sides, and the second case holds. What cannot be shown is a root, also where it does
follow: types that nest too deeply, or whose size is not known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Function,
    Member,
    Pointer,
    Qualified,
    Typedef,
    Variable,
    Variant,
)
from kabicheck.compare.measures import lowest_bit, measures_of, members_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Declaration, Item
    from kabicheck.compare.measures import Measures


def followers(
    names: Collection[str], old: Mapping[str, str], new: Mapping[str, str]
) -> dict[str, frozenset[str]]:
    """Name → the roots among `names` that it follows, for those that do.

    names: types and exports whose text differs; old, new: an object's type strings by name.
    """
    follow = _Following(measures_of(old), measures_of(new))
    blamed = {name: follow.blamed(name) & set(names) for name in names}
    roots = {name: _roots(name, blamed) for name in names if blamed[name]}
    return {name: found for name, found in roots.items() if found and name not in found}


def _roots(name: str, blamed: Mapping[str, Collection[str]]) -> frozenset[str]:
    """What is reached from a name that follows nothing itself."""
    seen, waiting = {name}, [name]
    while waiting:
        fresh = set(blamed[waiting.pop()]) - seen
        seen |= fresh
        waiting += fresh
    return frozenset(each for each in seen if not blamed[each])


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a member is, in bits. alignment: natural; unit: of a bit-field, 0 for others.

    stored: a bit-field of which only the storage unit's start is known, as before DWARF 5.
    """

    start: int
    size: int
    alignment: int
    unit: int = 0
    stored: bool = False

    def natural(self, end: int) -> bool:
        """Whether it lies where the compiler puts it behind something that ends at `end`."""
        fitting = self._fitting(end)
        return self.start == (fitting // self.unit * self.unit if self.stored else fitting)

    def until(self, end: int) -> int:
        """Where it ends itself."""
        return (self._fitting(end) if self.stored else self.start) + self.size

    def _fitting(self, end: int) -> int:
        """A bit-field goes into what is left of its unit, if that is enough."""
        if not self.unit:
            return _up(end, self.alignment)
        return end if end // self.unit == (end + self.size - 1) // self.unit else _up(end, self.unit)


class _NotShown(Exception):
    """That one declaration follows from the other cannot be shown."""


class _Following:
    def __init__(self, old: Measures, new: Measures) -> None:
        self.old, self.new = old, new

    def blamed(self, name: str) -> set[str]:
        """The contained types that are the whole reason for a name's change; none where it is a root."""
        old, new = self.old.declaration(name), self.new.declaration(name)
        if old is None or new is None:
            return set()
        try:
            return set(self._compare(old, new))
        except _NotShown:
            return set()

    def _compare(self, old: Declaration, new: Declaration) -> Iterator[str]:
        """Yield what is to blame. Raises _NotShown for any difference but sizes and offsets that follow."""
        match old, new:
            case Aggregate(), Aggregate():
                yield from self._compare_aggregates(old, new)
            case Typedef(_, inner), Typedef(_, new_inner):
                _require(replace(old, target=new_inner) == new)
                yield from self._compare(inner, new_inner)
            case Pointer(inner), Pointer(new_inner):
                _require(replace(old, target=new_inner) == new)
                yield from self._compare(inner, new_inner)
            case Qualified(_, inner), Qualified(_, new_inner):
                _require(replace(old, target=new_inner) == new)
                yield from self._compare(inner, new_inner)
            case Array(_, inner), Array(_, new_inner):
                _require(replace(old, element=new_inner) == new)
                yield from self._compare(inner, new_inner)
            case Variable(inner), Variable(new_inner):
                yield from self._compare(inner, new_inner)
            case Function(parameters, result), Function(new_parameters, new_result):
                _require([each.name for each in parameters] == [each.name for each in new_parameters])
                for parameter, other in zip(parameters, new_parameters, strict=True):
                    yield from self._compare(parameter.type, other.type)
                yield from self._compare(result, new_result)
            case _:
                _require(old == new)

    def _compare_aggregates(self, old: Aggregate, new: Aggregate) -> Iterator[str]:
        if old.byte_size is None or new.byte_size is None:
            _require(old == new)
            return
        _require(replace(old, items=(), byte_size=0) == replace(new, items=(), byte_size=0))
        yield from self._compare_items(old.items, new.items)
        end, new_end = self._compare_places(old, new)
        strictest, new_strictest = self.old.strictest(old.items), self.new.strictest(new.items)
        _require(strictest is not None and new_strictest is not None)
        alignment = 8 * (old.alignment or strictest or 1)
        new_alignment = 8 * (old.alignment or new_strictest or 1)
        whole = _Place(8 * old.byte_size, 0, alignment)
        _require_same_rule(whole, end, _Place(8 * new.byte_size, 0, new_alignment), new_end)

    def _compare_items(self, old: Sequence[Item], new: Sequence[Item]) -> Iterator[str]:
        """Names and types, of variants too."""
        _require(len(old) == len(new))
        for old_item, new_item in zip(old, new, strict=True):
            match old_item, new_item:
                case Member(), Member():
                    same = (old_item.name, old_item.bit_size, old_item.bit_offset is None)
                    _require(same == (new_item.name, new_item.bit_size, new_item.bit_offset is None))
                    yield from self._compare(old_item.type, new_item.type)
                    name = self.old.contained(old_item.type)
                    if name and self._measures(self.old, old_item) != self._measures(self.new, new_item):
                        yield name
                case Variant(), Variant():
                    _require(replace(old_item, items=()) == replace(new_item, items=()))
                    yield from self._compare_items(old_item.items, new_item.items)
                case _:
                    raise _NotShown

    @staticmethod
    def _measures(side: Measures, member: Member) -> tuple[int | None, int | None]:
        return side.size(member.type), side.alignment(member.type)

    def _compare_places(self, old: Aggregate, new: Aggregate) -> tuple[int, int]:
        """The members' places by the same rules on both sides; gives where the last one ends, in bits."""
        old_places, new_places = _places(self.old, old.items), _places(self.new, new.items)
        old_end = new_end = 0
        apart = old.keyword != "union" and not any(isinstance(item, Variant) for item in old.items)
        order = _order(old_places)
        _require(order == _order(new_places))
        for index in order:
            old_place, new_place = old_places[index], new_places[index]
            if apart:
                _require_same_rule(old_place, old_end, new_place, new_end, 8 * (old.alignment or 1))
            else:
                _require(old_place.start == new_place.start)
            old_end, new_end = max(old_end, old_place.until(old_end)), max(new_end, new_place.until(new_end))
        return old_end, new_end


def _places(side: Measures, items: Sequence[Item]) -> list[_Place]:
    return [_place(side, member) for member in members_of(items)]


def _order(places: Sequence[_Place]) -> list[int]:
    """From the first to the last. Rust chooses that itself; with storage units only that of the source is known."""
    if any(place.stored for place in places):
        return list(range(len(places)))
    return sorted(range(len(places)), key=lambda index: places[index].start)


def _place(side: Measures, member: Member) -> _Place:
    size, alignment = side.size(member.type), side.alignment(member.type)
    if size is None or alignment is None:
        raise _NotShown
    if member.bit_size is not None and size:
        stored = member.bit_offset is None
        start = 8 * (member.offset or 0) if member.bit_offset is None else member.bit_offset
        return _Place(start, member.bit_size, 1, 8 * size, stored)
    return _Place(8 * (member.offset or 0), 8 * size, 8 * alignment)


def _require(shown: bool) -> None:
    if not shown:
        raise _NotShown


def _require_same_rule(old: _Place, old_end: int, new: _Place, new_end: int, explicit: int = 1) -> None:
    """Natural on both sides, or explained by one alignment: any on neither, an attribute's on only one.

    explicit: the alignment in bits that attributes give to the whole, on both sides.
    """
    natural = old.natural(old_end), new.natural(new_end)
    if all(natural):
        return
    _require(not old.stored)
    low, high = _alignments(old.start, old_end)
    new_low, new_high = _alignments(new.start, new_end)
    low, high = max(low, new_low), min(high, new_high)
    if any(natural):
        low, high = max(low, old.alignment, new.alignment), min(high, explicit)
        _require(not old.unit)
    _require(low <= high)


def _alignments(start: int, end: int) -> tuple[int, int]:
    """The least and the greatest power of two that puts at `start` what comes behind `end`."""
    _require(start >= end)
    gap = start - end
    return (1 << gap.bit_length() if gap else 1), lowest_bit(start)


def _up(number: int, alignment: int) -> int:
    return -(-number // alignment) * alignment
