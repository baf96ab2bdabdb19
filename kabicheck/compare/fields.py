"""The members of a structure or union wherever they stand: in unnamed structures and unions, tagged ones
(`-fms-extensions`) too, each with its place from the outermost start.

    struct a { struct tag; union { int x; struct { short lo; short hi; } pair; }; };

has the members of struct tag, `x`, `pair.lo` and `pair.hi`.

Members that only say what kABI macros did are told from others by their names: the kernel's own `__kabi_*`
(scripts/gendwarfksyms/examples/kabi.h), and those of the macros of Android, Red Hat, Oracle, openEuler and SUSE.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Enumeration,
    Member,
    Qualified,
    Reference,
    Typedef,
    Variable,
    parse,
)
from kabicheck.compare.once import once_per_side
from kabicheck.compare.spelling import nameless_type, resolved

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Declaration, Item, Type

# Space that macros reserve, and that modules do not use: `KABI_RESERVE`, `KABI_RESERVE_ARRAY`, …
RESERVED = re.compile(
    r"__kabi_reserved\w*|(?:rh|uek|android|kabi|ck|deepin)_(?:kabi_)?reserved_?\d*|suse_kabi_padding\w*"
)
# What stands for a member as it was, and what makes a union of one that is new: `KABI_REPLACE`, `KABI_IGNORE`.
RENAMED = re.compile(r"__kabi_renamed(\w*)")
IGNORED = re.compile(r"__kabi_ignored\w*")
# The structure in which `RH_KABI_REPLACE`, `_ANDROID_KABI_REPLACE` and their like keep a member as it was.
KEPT_IN = re.compile(r"(?:\w{1,20}_)?kabi_hidden_\w+|__UNIQUE_ID_(?:\w{1,20}_)?kabi_hide\w*")
_NUMBER = re.compile(r"_?reserved_?(\d+)")
_MOST_TYPEDEFS = 50
# How many structures are looked into that stand in another without a name of their own there.
_MOST_TAGGED = 1000


@dataclass(frozen=True, slots=True)
class Field:
    """A member, wherever it stands.

    type: its type, with names of parameters.
    position: in bits, from the start of the outermost structure or union.
    bit_size: the width of a bit-field in bits; None for other members.
    stored: whether it is a bit-field of which only the storage unit's place is known, as before DWARF 5 and of clang.
    run: of such a bit-field, how many bits those directly before it have; where that differs between two versions, it
        may be at another place in its storage unit.
    """

    type: Type
    position: int
    bit_size: int | None = None
    stored: bool = False
    run: int = 0


Fields = dict[str, Field]


def fields_of(
    old: Declaration | None, new: Declaration | None, types: tuple[Mapping[str, str], Mapping[str, str]]
) -> tuple[Fields, Fields]:
    """Path → field of each side: `u.a` for `a` of `union { … } u`. types: the other type strings of each side.

    Members without a name have a number behind `#`, the same on both sides where they are at the same place: those
    that are reserved, under `--stable`, and bit-fields that pad. What else has a path twice has a number, too.
    """
    lists = _listed(old, types[0]), _listed(new, types[1])
    numbered = _numbered(*lists)
    found: tuple[Fields, Fields] = ({}, {})
    for side, fields, numbers in zip(lists, found, numbered, strict=True):
        repeated: Counter[str] = Counter()
        for place, (path, field) in enumerate(side):
            repeated[path] += 1
            number = numbers.get(place) or (repeated[path] if repeated[path] > 1 else 0)
            fields[f"{path}#{number}" if number else path] = field
    return found


def variants(items: Iterable[Item]) -> Iterator[tuple[int | None, Member]]:
    """Discriminant and member of each variant of a Rust enumeration; the member has the variant's name."""
    for item in items:
        if isinstance(item, Member):
            continue
        if item.keyword == "variant":
            yield from ((item.discriminant, inner) for inner in item.items if isinstance(inner, Member))
        else:
            yield from variants(item.items)


def nameless_field(found: Field) -> Field:
    """A field without the names of parameters in its type."""
    bare = nameless_type(found.type)
    if bare is found.type:
        return found
    return Field(bare, found.position, found.bit_size, found.stored, found.run)


def resolved_field(found: Field, types: Mapping[str, str]) -> Field:
    """A field whose typedefs are looked through, as far as they are known."""
    return replace(found, type=resolved(found.type, types) or found.type)


def without_names(declaration: Declaration | None, fields: Fields) -> object:
    """What is left of a declaration without names, to be compared. fields: its members."""
    match declaration:
        case Aggregate():
            flat = [nameless_field(found) for found in fields.values()]
            inside = [(value, replace(member, name="")) for value, member in variants(declaration.items)]
            around = list(_alignments(declaration.items)), shape(declaration.items)
            return replace(declaration, items=()), flat, inside, around
        case Enumeration():
            return replace(declaration, enumerators=()), [each.value for each in declaration.enumerators]
        case Variable(kind):
            return Variable(nameless_type(kind))
        case None:
            return None
        case _:
            return nameless_type(declaration)


def _alignments(items: Iterable[Item]) -> Iterator[int]:
    """Explicit alignments of the aggregates that stand in another."""
    for item in items:
        if not isinstance(item, Member):
            yield from _alignments(item.items)
        elif isinstance(item.type, Aggregate):
            yield from [item.type.alignment] if item.type.alignment else []
            yield from _alignments(item.type.items)


def shape(items: Iterable[Item]) -> tuple[object, ...]:
    """Which structures and unions stand around members: to tell groups of members from names."""
    return tuple(_shape(item) for item in items)


def unordered(items: Iterable[Item]) -> Counter[object]:
    """Members whatever order they stand in, in unnamed structures and unions too."""
    return Counter(_unordered(item) for item in items)


def _unordered(item: Item) -> object:
    match item:
        case Member(Aggregate(items=inner) as kind) if inner:
            return replace(item, type=replace(kind, items=())), frozenset(unordered(inner).items())
        case _:
            return item


def _shape(item: Item) -> object:
    match item:
        case Member(Aggregate(keyword, _, items), name):
            return keyword, bool(name), shape(items)
        case Member(Reference(), ""):
            return "tagged"
        case _:
            return "member"


def members_inside(found: Field, types: Mapping[str, str]) -> list[Field]:
    """The members of the structure or union that a member is, at their places; none of what is no such."""
    return [field for _, field in named_inside(found, types)]


def named_inside(found: Field, types: Mapping[str, str]) -> list[tuple[str, Field]]:
    """The same with their paths in that structure."""
    if found.bit_size is not None:
        return []
    kind = found.type
    inside = _members_of(types).of(kind.reference) if isinstance(kind, Reference) else _inside(kind, types)
    return [(path, replace(field, position=found.position + field.position)) for path, field in inside]


class _Members:
    """The members of one side's named types, each looked up once."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self._known: dict[str, list[tuple[str, Field]]] = {}

    def of(self, reference: str) -> list[tuple[str, Field]]:
        """Path and field of each member of a structure or union; none of what is no such."""
        if reference not in self._known:
            self._known[reference] = _inside(Reference(reference), self._types)
        return self._known[reference]


_members_of = once_per_side(_Members)


def _inside(kind: Declaration | None, types: Mapping[str, str]) -> list[tuple[str, Field]]:
    """The members of the structure or union that a type is, typedefs looked through."""
    for _ in range(_MOST_TYPEDEFS):
        match kind:
            case Reference(reference):
                kind = parse(types.get(reference, ""))
            case Typedef(_, inner) | Qualified(_, inner):
                kind = inner
            case _:
                break
    return _listed(kind, types)


def is_nameless(path: str) -> bool:
    """Whether a path ends without a name, with or without its number."""
    return path.partition("#")[0][-1:] in {"", "."}


def is_reserved(path: str, field: Field) -> bool:
    """Whether a member is reserved space: by its name, or, where names are hidden, because it has none."""
    if is_nameless(path):
        return not (isinstance(field.type, Reference) and field.type.reference[0] in "su")
    return bool(RESERVED.fullmatch(_last(path)))


def called(path: str, field: Field) -> str:
    """What to call a member: its path, `reserved slot 3`, or where it has no name, by its place."""
    byte, bit = divmod(field.position, 8)
    where = f"at offset {byte}{f':{bit}' if bit else ''}"
    if not is_reserved(path, field):
        return f"(unnamed) {where}" if is_nameless(path) else path
    if field.bit_size is not None:
        return f"padding bits {where}"
    return slot_name(_last(path)) or f"reserved slot {where}"


def slot_name(name: str) -> str:
    """`reserved slot 3` for `__kabi_reserved3`, "" where the name has no number."""
    number = _NUMBER.search(name)
    return f"reserved slot {number[1]}" if number else ""


def is_nameless_space(member: Member) -> bool:
    """Whether a member is reserved space whose name is hidden; bit-fields that only pad are not."""
    if member.name or member.bit_size is not None or isinstance(member.type, Aggregate):
        return False
    return is_reserved("", Field(member.type, 0))


def _last(path: str) -> str:
    return path.partition("#")[0].rpartition(".")[2]


def _numbered(
    old: Sequence[tuple[str, Field]], new: Sequence[tuple[str, Field]]
) -> tuple[dict[int, int], dict[int, int]]:
    """Index → number of each member without a name: of a pair that is at one place, or that is left over in one order,
    both have the same.
    """
    numbers: tuple[dict[int, int], dict[int, int]] = ({}, {})
    waiting: tuple[_Places, _Places] = (_places(old), _places(new))
    for path in dict.fromkeys((*waiting[0], *waiting[1])):
        old_places, new_places = (dict(side.get(path, {})) for side in waiting)
        pairs = [
            (old_places.pop(place), new_places.pop(place))
            for place in list(old_places)
            if place in new_places
        ]
        unpaired = list(old_places.values()), list(new_places.values())
        pairs += zip(*unpaired, strict=False)
        alone = [side[min(map(len, unpaired)) :] for side in unpaired]
        for number, (index, new_index) in enumerate(pairs, 1):
            numbers[0][index] = numbers[1][new_index] = number
        one_sided = [(side, index) for side in (0, 1) for index in alone[side]]
        for number, (side, index) in enumerate(one_sided, len(pairs) + 1):
            numbers[side][index] = number
    return numbers


# Path → position, and how many were there before it → index.
_Places = dict[str, dict[tuple[int, int], int]]


def _places(fields: Sequence[tuple[str, Field]]) -> _Places:
    places: _Places = {}
    so_far: Counter[tuple[str, int]] = Counter()
    for index, (path, field) in enumerate(fields):
        if is_nameless(path):
            place = path, field.position
            places.setdefault(path, {})[field.position, so_far[place]] = index
            so_far[place] += 1
    return places


def _listed(declaration: Declaration | None, types: Mapping[str, str]) -> list[tuple[str, Field]]:
    """All members but those that only stand in for another one at their place."""
    if not isinstance(declaration, Aggregate):
        return []
    found = list(_Flattening(types).flat(declaration.items, _At(union=declaration.keyword == "union")))
    real = {field.position for _, field, kept in found if not kept}
    return [(path, field) for path, field, kept in found if not (kept and field.position in real)]


@dataclass(frozen=True, slots=True)
class _At:
    """Where the members of a structure or union stand.

    prefix: the names of what is around them, each with a dot behind it.
    start: in bits, from the start of the outermost structure.
    kept: whether a macro's structure around them keeps them as they were, so that they only stand in for others.
    inside: the references of the tagged structures without a name that they stand in.
    union: whether they are directly in a union.
    """

    prefix: str = ""
    start: int = 0
    kept: bool = False
    inside: frozenset[str] = frozenset()
    union: bool = False


class _Flattening:
    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self._looked_into = 0
        self._run = 0

    def flat(self, items: Iterable[Item], at: _At) -> Iterator[tuple[str, Field, bool]]:
        """Path, field, and whether it only stands in for another one.

        What a Rust variant holds is in a structure of its own, so that only the tag is left of those.
        """
        for item in items:
            if not isinstance(item, Member):
                if item.keyword == "variant_part":
                    tagged = replace(at, prefix=f"{at.prefix}tag", union=True)
                    yield from self.flat(item.items, tagged)
                continue
            place = at.start + (8 * (item.offset or 0) if item.bit_offset is None else item.bit_offset)
            name = "" if KEPT_IN.fullmatch(item.name) else item.name
            inner, inside = self._inner(item, at.inside)
            if inner is not None:
                prefix = f"{at.prefix}{name}." if name else at.prefix
                union = inner.keyword == "union"
                self._run = 0
                yield from self.flat(
                    inner.items, _At(prefix, place, at.kept or name != item.name, inside, union=union)
                )
                self._run = 0
                continue
            stored = item.bit_size is not None and item.bit_offset is None and item.offset is not None
            stands_in = at.kept and not RESERVED.fullmatch(name)
            kept = stands_in or bool(RENAMED.fullmatch(name) or IGNORED.fullmatch(name))
            run = self._run if stored else 0
            self._run = self._run + (item.bit_size or 0) if stored and not at.union else 0
            yield at.prefix + name, Field(item.type, place, item.bit_size, stored, run), kept

    def _inner(self, item: Member, inside: frozenset[str]) -> tuple[Aggregate | None, frozenset[str]]:
        """The structure whose members are meant by their own names, or behind this one's; None for others."""
        if isinstance(item.type, Aggregate):
            return (item.type if item.type.byte_size is not None else None), inside
        kind: Declaration | None = item.type
        while not item.name and isinstance(kind, Reference) and kind.reference not in inside:
            inside |= {kind.reference}
            kind = parse(self._types.get(kind.reference, ""))
            if isinstance(kind, Typedef):
                kind = kind.target
        if item.name or not isinstance(kind, Aggregate) or kind.byte_size is None:
            return None, inside
        self._looked_into += 1
        return (kind if self._looked_into <= _MOST_TAGGED else None), inside
