"""Two versions of one declaration, and what the rules look at in them."""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Generic, TypeVar

from kabicheck.compare.c_words import hidden
from kabicheck.compare.declaration import (
    Aggregate,
    Enumeration,
    Function,
    Member,
    Typedef,
    Variable,
    parse,
)
from kabicheck.compare.edits import Edit, edits
from kabicheck.compare.render import spell
from kabicheck.compare.retyped import Part, Retyped, encodings
from kabicheck.compare.rust import is_rust, spell_rust
from kabicheck.compare.spelling import Likeness, Role, likeness, nameless_type, resolved, unnamed_type
from kabicheck.compare.surroundings import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Declaration, Item, Parameter, Type
    from kabicheck.compare.surroundings import Surroundings

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Field:
    """A member wherever it stands, also in anonymous aggregates. position: in bits, from the outermost start."""

    type: Type
    position: int
    bit_size: int | None = None


@dataclass(frozen=True, slots=True)
class Matched(Generic[_T]):
    """Two mappings by name: what only one has, and what only changed its name (old name, new name)."""

    added: dict[str, _T]
    removed: dict[str, _T]
    renamed: list[tuple[str, str]] = field(default_factory=list)


class AroundProperty(cached_property[_T]):
    """A cached property of a pair whose value depends on its surroundings."""


class Pair:
    """The old and the new declaration; typedefs of something defined right there count as that.

    old_text, new_text: the type strings, "" for a type that is not known. old and new are None where a string is
    no declaration; nothing but the texts can be asked then. around: the other type strings of their object.
    """

    def __init__(self, old_text: str, new_text: str, around: Surroundings = UNKNOWN) -> None:
        self.old_text, self.new_text, self.around = old_text, new_text, around
        old, new = hidden(old_text, new_text) or (parse(old_text), parse(new_text))
        inner, new_inner = _definition(old), _definition(new)
        self.old, self.new = (inner, new_inner) if inner and new_inner else (old, new)

    def within(self, around: Surroundings) -> Pair:
        """The same pair in an object. What does not depend on surroundings is not looked for again."""
        pair = copy(self)
        pair.around = around
        for name in [*pair.__dict__]:
            if isinstance(getattr(Pair, name, None), AroundProperty):
                del pair.__dict__[name]
        return pair

    def prepare(self) -> None:
        """Find out what takes time and does not depend on surroundings."""
        _ = self.retyped_fields, self._fields_by_words, self.same_but_names

    @cached_property
    def became_visible(self) -> bool:
        """There was a declaration, and there is a definition now."""
        return self._visible() == (False, True)

    @cached_property
    def became_hidden(self) -> bool:
        """There was a definition, and there is only a declaration now."""
        return self._visible() == (True, False)

    @cached_property
    def fields(self) -> tuple[dict[str, Field], dict[str, Field]]:
        """Path → field of each side: `u.a` for `a` of `union { … } u`; none where one side is a declaration."""
        return ({}, {}) if self._one_side_hidden else (_fields(self.old), _fields(self.new))

    @cached_property
    def common_fields(self) -> list[tuple[str, Field, Field]]:
        """The fields that both sides have under the same path."""
        old, new = self.fields
        return [(path, found, new[path]) for path, found in old.items() if path in new]

    @cached_property
    def retyped_fields(self) -> list[tuple[str, Field, Field]]:
        """The common fields whose types differ in more than names of parameters and encodings."""
        return [
            (path, old, new)
            for path, old, new in self.common_fields
            if nameless_type(old.type) != nameless_type(new.type)
        ]

    @cached_property
    def _fields_by_words(self) -> Matched[Field]:
        return _match(*self.fields, key=nameless_field)

    @AroundProperty
    def matched_fields(self) -> Matched[Field]:
        """Fields that came and went; one of the same type, in whichever words, at the same place was renamed."""
        found = self._fields_by_words
        if not found.added or not found.removed:
            return found
        old, new = self.around.old, self.around.new
        more = _match(
            found.removed, found.added, lambda f: _resolved_field(f, old), lambda f: _resolved_field(f, new)
        )
        return replace(more, renamed=found.renamed + more.renamed)

    @AroundProperty
    def retyped(self) -> list[Retyped]:
        """Parameters, results, members and the like whose types are not spelled as before, in this order.

        Parameters that came or went are not among them, nor members; members that were only renamed are.
        """
        match self.old, self.new:
            case Function(_, old), Function(_, new):
                found = [
                    (Part.PARAMETER, f"parameter {each.place}", each.old, each.new)
                    for each in self.parameter_edits
                    if each.old is not None and each.new is not None
                ]
                found.append((Part.RESULT, "result", old, new))
            case Variable(old), Variable(new):
                found = [(Part.VARIABLE, "", old, new)]
            case Typedef(_, old), Typedef(_, new):
                found = [(Part.TYPEDEF, "", old, new)]
            case _:
                before, after = self.fields
                renamed = [(new, before[old], after[new]) for old, new in self.matched_fields.renamed]
                found = [
                    (Part.MEMBER, path, old.type, new.type)
                    for path, old, new in (*self.retyped_fields, *renamed)
                ]
        alike = (
            Retyped(part, place, old, new, likeness(old, new, self.around, part.role))
            for part, place, old, new in found
        )
        return [each for each in alike if each.likeness is not Likeness.SAME]

    @cached_property
    def enumerators(self) -> tuple[Mapping[str, int | None], Mapping[str, int | None]]:
        """Name → value of each side; the variants of a Rust enumeration count as such."""
        return ({}, {}) if self._one_side_hidden else (_enumerators(self.old), _enumerators(self.new))

    @cached_property
    def matched_enumerators(self) -> Matched[int | None]:
        """Enumerators that came and went; one of the same value was renamed."""
        return _match(*self.enumerators, key=lambda value: value)

    @cached_property
    def sizes(self) -> tuple[int | None, int | None]:
        """Bytes of each side, None for what has no size of its own or is a declaration."""
        return _size(self.old), _size(self.new)

    def different(self, part: Part) -> Iterator[Retyped]:
        """What has another type, and not just in other words."""
        return (each for each in self.retyped if each.part is part and each.likeness is Likeness.DIFFERENT)

    @AroundProperty
    def parameter_edits(self) -> list[Edit]:
        """What happened to the parameters, where both sides are functions; names are left aside.

        Where each is like the one that was at its place, those that are spelled otherwise; else the fewest edits.
        """
        match self.old, self.new:
            case Function(parameters, _), Function(new_parameters, _):
                old = [unnamed_type(p.type) for p in parameters]
                new = [unnamed_type(p.type) for p in new_parameters]
                if not self.parameters_alike:
                    return edits(old, new)
                places = enumerate(zip(old, new, strict=True), 1)
                return [Edit(place, was, became) for place, (was, became) in places if was != became]
        return []

    @AroundProperty
    def parameters_alike(self) -> bool:
        """Both are functions, and each parameter has a type that is like that of the one at its place."""
        match self.old, self.new:
            case Function(old, _), Function(new, _) if len(old) == len(new):
                return all(
                    likeness(a.type, b.type, self.around, Role.PARAMETER) is not Likeness.DIFFERENT
                    for a, b in zip(old, new, strict=True)
                )
        return False

    @AroundProperty
    def moved_parameters(self) -> list[tuple[str, int, int]]:
        """Parameters of other places than before, counted from 1, where the types at all places are alike."""
        match self.old, self.new:
            case Function(old), Function(new) if self.parameters_alike:
                before, after = _places(old), _places(new)
                return [
                    (name, place, after[name])
                    for name, place in before.items()
                    if after.get(name, place) != place
                ]
        return []

    @AroundProperty
    def renamed_parameters(self) -> list[tuple[str, str]]:
        """Old and new names of a function's parameters, where none moved, and types and result are alike."""
        match self.old, self.new:
            case Function(old), Function(new) if self.parameters_alike and not self.moved_parameters:
                if all(each.likeness is not Likeness.DIFFERENT for each in self.retyped):
                    return [
                        (a.name or "(none)", b.name or "(none)")
                        for a, b in zip(old, new, strict=True)
                        if a.name != b.name
                    ]
        return []

    @cached_property
    def encodings_differ(self) -> bool:
        """A base type of the same name and size has another encoding on each side."""
        if "encoding(" not in self.old_text or "encoding(" not in self.new_text:
            return False
        old, new = encodings(self.old_text), encodings(self.new_text)
        return any(old[kind] != new[kind] for kind in old.keys() & new.keys())

    @cached_property
    def same_but_order(self) -> bool:
        """The same members or enumerators in another order."""
        match self.old, self.new:
            case (Aggregate(items=old), Aggregate(items=new)):
                return old != new and set(old) == set(new)
            case (Enumeration(enumerators=values), Enumeration(enumerators=new_values)):
                return values != new_values and set(values) == set(new_values)
        return False

    @cached_property
    def same_but_names(self) -> bool:
        """Nothing differs but names of members, parameters or enumerators, and none means what another one did."""
        if self.old is None or self.new is None or self.old == self.new or self.same_but_order:
            return False
        if self.encodings_differ:
            return False
        return not self._names_swapped and _without_names(self.old) == _without_names(self.new)

    @property
    def _names_swapped(self) -> bool:
        """A name that both sides have is of something else than it was."""
        if any(nameless_field(old) != nameless_field(new) for _, old, new in self.common_fields):
            return True
        old, new = self.enumerators
        return bool(self.moved_parameters) or any(
            new.get(name, value) != value for name, value in old.items()
        )

    def spell(self, kind: Type, name: str = "") -> str:
        """A type, and what has it, in the words of its language: `int x`, `x: i32`."""
        return spell_rust(kind, name) if self._rust else spell(kind, name)

    @cached_property
    def _rust(self) -> bool:
        return any(side is not None and is_rust("", side) for side in (self.old, self.new))

    @property
    def _one_side_hidden(self) -> bool:
        """That says it all: members did not come or go."""
        return self.old is None or self.new is None or self.became_visible or self.became_hidden

    def _visible(self) -> tuple[bool, bool] | None:
        if not isinstance(self.old, Aggregate | Enumeration) or not isinstance(
            self.new, Aggregate | Enumeration
        ):
            return None
        return self.old.byte_size is not None, self.new.byte_size is not None


def nameless_field(found: Field) -> Field:
    """A field without the names of parameters in its type."""
    return replace(found, type=nameless_type(found.type))


def _resolved_field(found: Field, types: Mapping[str, str]) -> Field:
    """A field whose typedefs are looked through, as far as they are known."""
    return replace(found, type=resolved(found.type, types) or found.type)


def _places(parameters: Sequence[Parameter]) -> dict[str, int]:
    """Name → place, counted from 1, of the parameters whose names tell them apart."""
    count = Counter(parameter.name for parameter in parameters)
    return {p.name: place for place, p in enumerate(parameters, 1) if p.name and count[p.name] == 1}


def _match(
    old: Mapping[str, _T],
    new: Mapping[str, _T],
    key: Callable[[_T], Hashable],
    new_key: Callable[[_T], Hashable] | None = None,
) -> Matched[_T]:
    """key: equal for what may be the same under two names; new_key: that of the new side, where it is another."""
    removed = {name: value for name, value in old.items() if name not in new}
    added = {name: value for name, value in new.items() if name not in old}
    by_key: dict[Hashable, list[str]] = {}
    for name, value in added.items():
        by_key.setdefault((new_key or key)(value), []).append(name)
    renamed = []
    for name, value in list(removed.items()):
        if candidates := by_key.get(key(value)):
            renamed.append((name, candidates.pop(0)))
            del removed[name], added[renamed[-1][1]]
    return Matched(added, removed, renamed)


def _definition(declaration: Declaration | None) -> Aggregate | Enumeration | None:
    inner = declaration.target if isinstance(declaration, Typedef) else declaration
    return inner if isinstance(inner, Aggregate | Enumeration) else None


def _size(declaration: Declaration | None) -> int | None:
    return declaration.byte_size if isinstance(declaration, Aggregate | Enumeration) else None


def _fields(declaration: Declaration | None) -> dict[str, Field]:
    if not isinstance(declaration, Aggregate):
        return {}
    fields: dict[str, Field] = {}
    repeated: Counter[str] = Counter()
    for path, found in _flat(declaration.items, "", 0):
        # Padding bit-fields have no name.
        repeated[path] += 1
        fields[path if repeated[path] == 1 else f"{path}#{repeated[path]}"] = found
    return fields


def _flat(items: Iterable[Item], prefix: str, start: int) -> Iterator[tuple[str, Field]]:
    """All fields; what a Rust variant holds is in a structure of its own, so that only the tag is left of those."""
    for item in items:
        if not isinstance(item, Member):
            if item.keyword == "variant_part":
                yield from _flat(item.items, f"{prefix}tag", start)
            continue
        place = start + (8 * (item.offset or 0) if item.bit_offset is None else item.bit_offset)
        if isinstance(item.type, Aggregate) and item.type.byte_size is not None:
            yield from _flat(item.type.items, f"{prefix}{item.name}." if item.name else prefix, place)
        else:
            yield prefix + item.name, Field(item.type, place, item.bit_size)


def _enumerators(declaration: Declaration | None) -> Mapping[str, int | None]:
    match declaration:
        case Enumeration(enumerators=enumerators):
            return {e.name: e.value for e in enumerators}
        case Aggregate(items=items):
            return {member.name: value for value, member in variants(items)}
    return {}


def variants(items: Iterable[Item]) -> Iterator[tuple[int | None, Member]]:
    """Discriminant and member of each variant of a Rust enumeration; the member has the variant's name."""
    for item in items:
        if isinstance(item, Member):
            continue
        if item.keyword == "variant":
            yield from ((item.discriminant, inner) for inner in item.items if isinstance(inner, Member))
        else:
            yield from variants(item.items)


def _alignments(items: Iterable[Item]) -> Iterator[int]:
    """Explicit alignments of the aggregates that stand in another."""
    for item in items:
        if not isinstance(item, Member):
            yield from _alignments(item.items)
        elif isinstance(item.type, Aggregate):
            yield from [item.type.alignment] if item.type.alignment else []
            yield from _alignments(item.type.items)


def _without_names(declaration: Declaration) -> object:
    match declaration:
        case Aggregate():
            flat = [nameless_field(found) for _, found in _flat(declaration.items, "", 0)]
            inside = [(value, replace(member, name="")) for value, member in variants(declaration.items)]
            return replace(declaration, items=()), flat, inside, list(_alignments(declaration.items))
        case Enumeration():
            return replace(declaration, enumerators=()), [e.value for e in declaration.enumerators]
        case Variable(kind):
            return Variable(nameless_type(kind))
        case _:
            return nameless_type(declaration)
