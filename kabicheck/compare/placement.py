"""Where the members are that a structure or union got: in what was padding, over old members, in reserved space; or
elsewhere, as where the layout is another one.

*Steady* is a layout in which each member that both sides have keeps its place and size, and the whole its size and its
alignment. Then what was compiled before finds all that it knows where it was, and what may go wrong depends on who
else than the kernel makes, copies and fills such a structure (`usage`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Array
from kabicheck.compare.fields import is_reserved, members_inside, named_inside, nameless_field
from kabicheck.compare.measures import measures_of
from kabicheck.compare.spelling import Likeness, Role, likeness
from kabicheck.compare.usage import How, is_table, points_to_function, uses

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from kabicheck.compare.declaration import Type
    from kabicheck.compare.fields import Field, Fields
    from kabicheck.compare.measures import Measures
    from kabicheck.compare.pair import Pair
    from kabicheck.compare.surroundings import Surroundings

_MADE = "modules may make one without the new member"
# How many members are looked at of structures that new members are, or might be part of.
_MOST_PARTS = 20_000
_DEEPEST = 50


@dataclass(frozen=True, slots=True)
class Placement:
    """The members that only one side has, by where they are. Each is in one of these, by its path.

    added: new members that are in none of the following, as where the layout is another one.
    removed: old members that are gone, but for reserved space that is used.
    holes: new members where nothing was.
    bits: new members where nothing was, but in the storage unit of an old bit-field.
    overlaid: new members over old ones.
    used: new members in reserved space, with the path of the reserved member.
    grouped: members of either side that are another name for what the other side has at that place.
    minded: why those of `added` may harm that are in nobody's way in a steady layout, in words.
    """

    added: Fields = field(default_factory=dict)
    removed: Fields = field(default_factory=dict)
    holes: Fields = field(default_factory=dict)
    bits: Fields = field(default_factory=dict)
    overlaid: Fields = field(default_factory=dict)
    used: dict[str, tuple[Field, str]] = field(default_factory=dict)
    grouped: Fields = field(default_factory=dict)
    minded: dict[str, str] = field(default_factory=dict)


def placement_of(pair: Pair) -> Placement:
    """Where all members that only one side has are."""
    matched = pair.matched_fields
    if not (matched.added or matched.removed):
        return Placement()
    if not isinstance(pair.old, Aggregate) or not isinstance(pair.new, Aggregate):
        return Placement(added=matched.added, removed=matched.removed)
    return _Placing(pair).result()


def is_steady(pair: Pair) -> bool:
    """Whether the common members keep place and size, and the whole its size and alignment. It says so of no pair of
    which that is not known.
    """
    old, new = pair.old, pair.new
    if not isinstance(old, Aggregate) or not isinstance(new, Aggregate):
        return False
    if (old.keyword, old.byte_size, old.alignment) != (new.keyword, new.byte_size, new.alignment):
        return False
    if pair.is_rust or old.byte_size is None:
        return False
    sides = measures_of(pair.around.old), measures_of(pair.around.new)
    for _, old_field, new_field in pair.common_fields:
        if _place(old_field) != _place(new_field):
            return False
        sizes = sides[0].size(old_field.type), sides[1].size(new_field.type)
        if sizes[0] != sizes[1] or (sizes[0] is None and old_field.type != new_field.type):
            return False
    alignment = sides[0].alignment(old)
    return alignment is not None and alignment == sides[1].alignment(new)


def _place(found: Field) -> tuple[int, int | None, int]:
    """What of a field tells where it lies."""
    return found.position, found.bit_size, found.run


def natural_alignments(pair: Pair) -> tuple[int, int] | None:
    """In bytes, those of two structures of one size and without explicit ones, where they are known and differ."""
    old, new = pair.old, pair.new
    if not isinstance(old, Aggregate) or not isinstance(new, Aggregate):
        return None
    if old.byte_size is None or old.byte_size != new.byte_size or {old.alignment, new.alignment} != {None}:
        return None
    old_natural = measures_of(pair.around.old).alignment(old)
    new_natural = measures_of(pair.around.new).alignment(new)
    if not old_natural or not new_natural or old_natural == new_natural:
        return None
    return old_natural, new_natural


def is_flexible(old: Type, new: Type, around: Surroundings) -> bool:
    """Whether two types are an array of no length, and one of unknown length, of the same."""
    match old, new:
        case Array((first, *rest), element), Array((new_first, *new_rest), new_element):
            alike = likeness(element, new_element, around, Role.KEPT) in {Likeness.SAME, Likeness.RESPELLED}
            return alike and rest == new_rest and {first, new_first} == {0, None}
    return False


class _Placing:
    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._old, self._new = pair.fields
        # The members of each side that are no reserved space.
        self._unlike_space = _unlike_space(self._old), _unlike_space(self._new)
        self._measures = measures_of(pair.around.old), measures_of(pair.around.new)
        self._known_parts: dict[int, list[tuple[str, Field]]] = {}

    def result(self) -> Placement:
        matched = self._pair.matched_fields
        added, removed = _unlike_space(matched.added), _unlike_space(matched.removed)
        grouped: Fields = {}
        if self._pair.is_steady and not self._is_passed():
            grouped = {**self._other_names(added, 1), **self._other_names(removed, 0)}
            for path in self._exchanged(added, removed):
                grouped.pop(path, None)
        rest = Placement(
            added={**self._without(added, grouped), **self._unreplaced_space(matched.added, removed, 1)},
            removed={**self._without(removed, grouped), **self._unreplaced_space(matched.removed, added, 0)},
            grouped=grouped,
        )
        return self._placed(rest) if self._pair.is_steady else rest

    @staticmethod
    def _without(fields: Fields, grouped: Fields) -> Fields:
        return {path: found for path, found in fields.items() if path not in grouped}

    # --- reserved space -------------------------------------------------------------------------

    def _unreplaced_space(self, fields: Fields, others: Fields, side: int) -> Fields:
        """The reserved members of one side in whose place the other side has no member."""
        taken = _Intervals(self._interval(found, 1 - side) for found in others.values())
        return {
            path: found
            for path, found in fields.items()
            if is_reserved(path, found) and not taken.meets(self._interval(found, side))
        }

    # --- other names ----------------------------------------------------------------------------

    def _parts_of(self, side: int) -> list[tuple[str, Field]]:
        """All that the members of one side are made of but reserved space, each with the member's path."""
        if side not in self._known_parts:
            parts = _Parts(self._pair, side)
            self._known_parts[side] = [
                (path, each) for path, found in self._unlike_space[side].items() for each in parts.all(found)
            ]
        return self._known_parts[side]

    def _other_names(self, fields: Fields, side: int) -> Fields:
        """Those of one side whose type the other side has at the same place, or all their members'."""
        if not fields:
            return {}
        known = {each for _, each in self._parts_of(1 - side)}
        own = _Parts(self._pair, side)
        return {path: found for path, found in fields.items() if own.covered(found, known)}

    def _exchanged(self, added: Fields, removed: Fields) -> set[str]:
        """The members that went and whose names a new structure gives to others: `a` and `b` became `g.b` and `g.a`."""
        places: dict[str, set[int]] = {}
        parts = _Parts(self._pair, 1)
        for added_path, found in added.items() if removed else ():
            own = added_path.rpartition(".")[2], found.position
            for name, position in (own, *parts.names(found)):
                places.setdefault(name, set()).add(position)
        return {
            path
            for path, found in removed.items()
            if (there := places.get(path.rpartition(".")[2])) and found.position not in there
        }

    # --- where it is ----------------------------------------------------------------------------

    def _placed(self, rest: Placement) -> Placement:
        """The added members by where they are, in a steady layout; what takes the place of a lost one is just added."""
        added: Fields = {}
        kinds: dict[str, Fields] = {"holes": {}, "bits": {}, "overlaid": {}}
        used: dict[str, tuple[Field, str]] = {}
        minded: dict[str, str] = {}
        old_members = self._unlike_space[0]
        taken = _Intervals(self._interval(found, 0) for found in old_members.values())
        units = _Intervals(
            self._unit(found, 0) for found in old_members.values() if found.bit_size is not None
        )
        lost = _Intervals(self._interval(found, 0) for found in rest.removed.values())
        unsure = _Intervals(self._unit(found, 0) for found in old_members.values() if found.stored)
        general = self._who_minds()
        arrays = self._without_end()
        assert isinstance(self._pair.old, Aggregate)
        end = 8 * (self._pair.old.byte_size or 0)
        for path, found in rest.added.items():
            place = self._interval(found, 1)
            unsure_itself = found.stored and taken.meets(place)
            if (
                is_reserved(path, found)
                or place is None
                or unsure_itself
                or unsure.meets(place)
                or lost.meets(place)
                or place[1] > end  # a rule gives both sides the size that there was
            ):
                added[path] = found
            elif why := general or self._is_called(found) or _reached(place, arrays):
                added[path], minded[path] = found, why
            elif taken.meets(place):
                kinds["overlaid"][path] = found
            elif slot := self._slot(place):
                used[path] = found, slot
            else:
                kinds["bits" if units.meets(place) else "holes"][path] = found
        return Placement(
            added=added, removed=rest.removed, used=used, grouped=rest.grouped, minded=minded, **kinds
        )

    def _slot(self, place: tuple[int, int]) -> str:
        """The reserved member whose space a new one takes, "" where it takes none."""
        for path, found in self._old.items():
            if is_reserved(path, found) and _Intervals([self._interval(found, 0)]).meets(place):
                return path
        return ""

    def _interval(self, found: Field, side: int) -> tuple[int, int] | None:
        """The bits that a member takes, end not included; None for a flexible array, or where that is not known.

        Of a bit-field of which only that is known it is the whole storage unit.
        """
        if found.stored:
            return self._unit(found, side)
        if isinstance(found.type, Array) and {None, 0} & {*found.type.dimensions}:
            return None
        size = self._measures[side].size(found.type)
        if size is None:
            return None
        return found.position, found.position + (8 * size if found.bit_size is None else found.bit_size)

    def _unit(self, found: Field, side: int) -> tuple[int, int] | None:
        """The storage unit of a bit-field: what code that writes it may read and write back."""
        size = self._measures[side].size(found.type)
        if not size:
            return None
        start = found.position // (8 * size) * 8 * size
        return start, start + 8 * size

    # --- who else makes one ---------------------------------------------------------------------

    def _is_passed(self) -> bool:
        return any(
            use.how is How.PASSED for side in self._sides for use in uses(self._subject, side, parts=False)
        )

    def _who_minds(self) -> str:
        """Who else than the kernel may make or copy one, in words; "" for nobody who can be seen."""
        if not all(self._subject in side for side in self._sides):
            return f"who uses it is not known: {_MADE}"
        for side in self._sides:
            for use in uses(self._subject, side, parts=False):
                if use.how in {How.PASSED, How.EXPORTED, How.EMBEDDED}:
                    return f"{use.words}: {_MADE}"
        tables = zip(self._pair.fields, self._sides, strict=True)
        if any(is_table([found.type for found in fields.values()], side) for fields, side in tables):
            return f"modules fill in its pointers to functions: {_MADE}"
        return ""

    def _is_called(self, found: Field) -> str:
        return f"the kernel may call it: {_MADE}" if points_to_function(found.type, self._sides[1]) else ""

    # --- what has no end ------------------------------------------------------------------------

    def _without_end(self) -> list[tuple[int, str]]:
        """Where old arrays of no or unknown length begin, and their paths, those inside members, too."""
        old_members = self._unlike_space[0]
        return [
            (each.position, path)
            for path, each in self._parts_of(0)
            if is_endless(each, old_members.values(), self._measures[0])
        ]

    @property
    def _subject(self) -> str:
        return self._pair.around.subject

    @property
    def _sides(self) -> tuple[Mapping[str, str], Mapping[str, str]]:
        return self._pair.around.old, self._pair.around.new


def is_endless(found: Field, others: Iterable[Field], measures: Measures) -> bool:
    """Whether a member is an array whose elements reach as far as modules like, beyond the structure's size too.

    `[0]` before other members only marks where they begin. others: all members of the structure.
    """
    if not isinstance(found.type, Array) or not {None, 0} & {*found.type.dimensions}:
        return False
    if None in found.type.dimensions:
        return True
    return not any(other.position >= found.position and measures.size(other.type) for other in others)


def _reached(place: tuple[int, int], arrays: Iterable[tuple[int, str]]) -> str:
    """Why a new member is in the way of an array without end, "" where it is not."""
    path = next((path for start, path in arrays if place[0] < place[1] and start < place[1]), "")
    return f"modules find the elements of {path} there" if path else ""


def _unlike_space(fields: Fields) -> Fields:
    return {path: found for path, found in fields.items() if not is_reserved(path, found)}


class _Intervals:
    """Ranges of bits, to ask whether another one meets them."""

    def __init__(self, ranges: Iterable[tuple[int, int] | None]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(each for each in ranges if each and each[0] < each[1]):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def meets(self, place: tuple[int, int] | None) -> bool:
        if place is None or place[0] >= place[1]:
            return False
        # The last range that begins before the end of this one.
        last = bisect_right(self._starts, place[1] - 1) - 1
        return last >= 0 and self._ends[last] > place[0]


class _Parts:
    """What members are made of, on one side, by type and place."""

    def __init__(self, pair: Pair, side: int) -> None:
        self._types = (pair.around.old, pair.around.new)[side]
        self._allowed = _MOST_PARTS

    def all(self, found: Field, depth: int = 0) -> Iterator[Field]:
        """A member, and all members of the structure that it is, if it is one."""
        yield nameless_field(found)
        if depth < _DEEPEST:
            for inner in self._inside(found):
                yield from self.all(inner, depth + 1)

    def names(self, found: Field, depth: int = 0) -> Iterator[tuple[str, int]]:
        """Name and position of all members of the structure that a member is."""
        inside = named_inside(found, self._types) if depth < _DEEPEST and self._allowed > 0 else []
        self._allowed -= len(inside)
        for path, inner in inside:
            yield path.rpartition(".")[2], inner.position
            yield from self.names(inner, depth + 1)

    def covered(self, found: Field, known: Container[Field], depth: int = 0) -> bool:
        """Whether a member is among the known ones, or is a structure of which all members are."""
        if nameless_field(found) in known:
            return True
        inner = self._inside(found) if depth < _DEEPEST else ()
        return bool(inner) and all(self.covered(each, known, depth + 1) for each in inner)

    def _inside(self, found: Field) -> list[Field]:
        fields = members_inside(found, self._types)
        self._allowed -= len(fields)
        return fields if self._allowed > 0 else []
