"""Two versions of one declaration, and what the rules look at in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from kabicheck.compare.c_words import hidden
from kabicheck.compare.declaration import (
    Aggregate,
    Enumeration,
    Function,
    Reference,
    Typedef,
    Variable,
    parse,
)
from kabicheck.compare.edits import Edit, edits
from kabicheck.compare.fields import (
    Field,
    Fields,
    called,
    fields_of,
    is_nameless,
    nameless_field,
    resolved_field,
    shape,
    unordered,
    variants,
    without_names,
)
from kabicheck.compare.matched import Matched, match, match_fields
from kabicheck.compare.placement import (
    Placement,
    is_flexible,
    is_steady,
    natural_alignments,
    placement_of,
)
from kabicheck.compare.render import spell
from kabicheck.compare.retyped import Part, Retyped, encodings
from kabicheck.compare.rust_words import is_rust, spell_rust
from kabicheck.compare.spelling import Likeness, Role, likeness, unnamed_type
from kabicheck.compare.surroundings import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Declaration, Parameter, Type
    from kabicheck.compare.surroundings import Surroundings

_Value = TypeVar("_Value")


class AroundProperty(cached_property[_Value]):
    """A cached property of a pair whose value depends on its surroundings."""


class FieldProperty(cached_property[_Value]):
    """One whose value does where tagged structures stand for their members: those have to be looked up."""


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
        depending = _DEPENDING_WITH_FIELDS if self._has_tagged else _DEPENDING
        pair = Pair.__new__(Pair)
        pair.__dict__ |= {name: value for name, value in self.__dict__.items() if name not in depending}
        pair.around = around
        return pair

    def prepare(self) -> None:
        """Find out what takes time and does not depend on surroundings."""
        _ = (
            self.retyped_fields,
            self._fields_by_words,
            self.same_but_names,
            self.same_but_grouping,
            self.is_rust,
        )

    @cached_property
    def became_visible(self) -> bool:
        """There was a declaration, and there is a definition now."""
        return self._visible() == (False, True)

    @cached_property
    def became_hidden(self) -> bool:
        """There was a definition, and there is only a declaration now."""
        return self._visible() == (True, False)

    @FieldProperty
    def fields(self) -> tuple[Fields, Fields]:
        """Path → field of each side, as `fields_of` has them; none where one side is a declaration."""
        if not self._has_tagged:
            return self._own_fields
        return fields_of(self.old, self.new, (self.around.old, self.around.new))

    @cached_property
    def _own_fields(self) -> tuple[Fields, Fields]:
        return ({}, {}) if self._one_side_hidden else fields_of(self.old, self.new, ({}, {}))

    @cached_property
    def _has_tagged(self) -> bool:
        return any(
            is_nameless(path) and isinstance(found.type, Reference)
            for side in self._own_fields
            for path, found in side.items()
        )

    @FieldProperty
    def common_fields(self) -> list[tuple[str, Field, Field]]:
        """The fields that both sides have under the same path."""
        old, new = self.fields
        return [(path, found, new[path]) for path, found in old.items() if path in new]

    @FieldProperty
    def _nameless_fields(self) -> tuple[Fields, Fields]:
        """The fields of each side without names of parameters and encodings in their types."""
        old, new = ({path: nameless_field(found) for path, found in side.items()} for side in self.fields)
        return old, new

    @AroundProperty
    def flexible_arrays(self) -> list[tuple[str, Field, Field]]:
        """The common fields that are `[0]` on one side and `[]` on the other, with the same elements, in one layout."""
        return [
            (path, old, new)
            for path, old, new in self.retyped_fields
            if is_flexible(old.type, new.type, self.around) and self.is_steady
        ]

    @FieldProperty
    def retyped_fields(self) -> list[tuple[str, Field, Field]]:
        """The common fields whose types differ in more than names of parameters and encodings."""
        old_nameless, new_nameless = self._nameless_fields
        return [
            (path, old, new)
            for path, old, new in self.common_fields
            if old_nameless[path].type != new_nameless[path].type
        ]

    @FieldProperty
    def _fields_by_words(self) -> Matched[Field]:
        return match_fields(*self.fields, nameless_field, nameless_field)

    @AroundProperty
    def placement(self) -> Placement:
        """Where the fields that came and went are."""
        return placement_of(self)

    @AroundProperty
    def is_steady(self) -> bool:
        """Whether each common member keeps place and size, and the whole its size and alignment, as far as known."""
        return is_steady(self)

    @AroundProperty
    def natural_alignments(self) -> tuple[int, int] | None:
        """In bytes, those of two structures of one size and without explicit ones, where they are known and differ,
        and because members came, went or are grouped otherwise.
        """
        if not (self.matched_fields.added or self.matched_fields.removed or self.same_but_grouping):
            return None
        return natural_alignments(self)

    @AroundProperty
    def matched_fields(self) -> Matched[Field]:
        """Fields that came and went; one of the same type, in whichever words, at the same place was renamed."""
        found = self._fields_by_words
        if not found.added or not found.removed:
            return found
        old, new = self.around.old, self.around.new
        more = match_fields(
            found.removed,
            found.added,
            lambda field: resolved_field(field, old),
            lambda field: resolved_field(field, new),
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
                old_fields, new_fields = self.fields
                renamed = [
                    (new, old_fields[old], new_fields[new]) for old, new in self.matched_fields.renamed
                ]
                arrays = {path for path, _, _ in self.flexible_arrays}
                found = [
                    (Part.MEMBER, called(path, old), old.type, new.type)
                    for path, old, new in (*self.retyped_fields, *renamed)
                    if path not in arrays
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
        return match(*self.enumerators, key=lambda value: value)

    @cached_property
    def sizes(self) -> tuple[int | None, int | None]:
        """Bytes of each side, None for what has no size of its own or is a declaration."""
        return _size(self.old), _size(self.new)

    def spell_retyped(
        self, *, likeness: Likeness = Likeness.DIFFERENT, part: Part | None = None, placed: bool = True
    ) -> Iterator[str]:
        """Old and new type of each part whose types are that much alike: `parameter 2: int → long`.

        part: only those of this kind; placed: with their places, where a declaration has more than one type.
        """
        for each in self.retyped:
            if each.likeness is likeness and part in {None, each.part}:
                place = f"{each.place}: " if placed and each.place else ""
                yield f"{place}{self.spell(each.old)} → {self.spell(each.new)}"

    @AroundProperty
    def parameter_edits(self) -> list[Edit]:
        """What happened to the parameters, where both sides are functions; names are left aside.

        Where each is like the one that was at its place, those that are spelled otherwise; else the fewest edits.
        """
        match self.old, self.new:
            case Function(parameters, _), Function(new_parameters, _):
                old = [unnamed_type(parameter.type) for parameter in parameters]
                new = [unnamed_type(parameter.type) for parameter in new_parameters]
                if not self.parameters_alike:
                    return edits(old, new)
                places = enumerate(zip(old, new, strict=True), 1)
                return [
                    Edit(place, old_type, new_type)
                    for place, (old_type, new_type) in places
                    if old_type != new_type
                ]
        return []

    @AroundProperty
    def parameters_alike(self) -> bool:
        """Both are functions, and each parameter has a type that is like that of the one at its place."""
        match self.old, self.new:
            case Function(old, _), Function(new, _) if len(old) == len(new):
                return all(
                    likeness(old_one.type, new_one.type, self.around, Role.PARAMETER)
                    is not Likeness.DIFFERENT
                    for old_one, new_one in zip(old, new, strict=True)
                )
        return False

    @AroundProperty
    def moved_parameters(self) -> list[tuple[str, int, int]]:
        """Parameters of other places than before, counted from 1, where the types at all places are alike."""
        match self.old, self.new:
            case Function(old), Function(new) if self.parameters_alike:
                old_places, new_places = _places(old), _places(new)
                return [
                    (name, place, new_places[name])
                    for name, place in old_places.items()
                    if new_places.get(name, place) != place
                ]
        return []

    @AroundProperty
    def renamed_parameters(self) -> list[tuple[str, str]]:
        """Old and new names of a function's parameters, where none moved, and types and result are alike."""
        match self.old, self.new:
            case Function(old), Function(new) if self.parameters_alike and not self.moved_parameters:
                if all(each.likeness is not Likeness.DIFFERENT for each in self.retyped):
                    return [
                        (old_one.name or "(none)", new_one.name or "(none)")
                        for old_one, new_one in zip(old, new, strict=True)
                        if old_one.name != new_one.name
                    ]
        return []

    @cached_property
    def encodings_differ(self) -> bool:
        """A base type of the same name and size has another encoding on each side."""
        if "encoding(" not in self.old_text or "encoding(" not in self.new_text:
            return False
        old, new = encodings(self.old_text), encodings(self.new_text)
        return any(old[kind] != new[kind] for kind in old.keys() & new.keys())

    @FieldProperty
    def same_but_order(self) -> bool:
        """The same members or enumerators in another order."""
        match self.old, self.new:
            case (Aggregate(items=old), Aggregate(items=new)):
                if old == new or unordered(old) != unordered(new):
                    return False
                # Where only the storage unit of bit-fields is known, their order is what tells their places.
                return all(
                    not old_field.stored or old_field == new_field
                    for _, old_field, new_field in self.common_fields
                )
            case (Enumeration(enumerators=values), Enumeration(enumerators=new_values)):
                return values != new_values and set(values) == set(new_values)
        return False

    @FieldProperty
    def same_but_names(self) -> bool:
        """Nothing differs but names of members, parameters or enumerators, and none means what another one did."""
        if self.old is None or self.new is None or self.old == self.new or self.same_but_order:
            return False
        if self.encodings_differ:
            return False
        came_or_went = self._fields_by_words.added or self._fields_by_words.removed
        if self._names_swapped or came_or_went:
            return False
        old, new = self._nameless_fields
        return without_names(self.old, old) == without_names(self.new, new)

    @FieldProperty
    def same_but_grouping(self) -> bool:
        """The same members at the same places, with other unnamed structures and unions around them."""
        match self.old, self.new:
            case Aggregate(), Aggregate() if self.fields[0]:
                old, new = self._nameless_fields
                return old == new and shape(self.old.items) != shape(self.new.items)
        return False

    @property
    def _names_swapped(self) -> bool:
        """A name that both sides have is of something else than it was."""
        old_fields, new_fields = self._nameless_fields
        if any(path in new_fields and found != new_fields[path] for path, found in old_fields.items()):
            return True
        old, new = self.enumerators
        return bool(self.moved_parameters) or any(
            new.get(name, value) != value for name, value in old.items()
        )

    def spell_fields(self, fields: Fields) -> Iterator[str]:
        """Each of some fields in the words of its language, as `spell_field` has it."""
        return (self.spell_field(path, found) for path, found in fields.items())

    def spell_field(self, path: str, found: Field) -> str:
        """A field in the words of its language, one without a name with its place: `int x : 3`."""
        if is_nameless(path):
            return f"{self.spell(found.type)} ({called(path, found)})"
        return self.spell(found.type, path) + (f" : {found.bit_size}" if found.bit_size is not None else "")

    def spell(self, kind: Type, name: str = "") -> str:
        """A type, and what has it, in the words of its language: `int x`, `x: i32`."""
        return spell_rust(kind, name) if self.is_rust else spell(kind, name)

    @cached_property
    def is_rust(self) -> bool:
        """Whether it is Rust's, whose compiler chooses the layout."""
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


# Which properties have to be found out anew in other surroundings: of pairs without tagged structures, and with them.
_DEPENDING = frozenset(name for name, found in vars(Pair).items() if isinstance(found, AroundProperty))
_DEPENDING_WITH_FIELDS = _DEPENDING | {
    name for name, found in vars(Pair).items() if isinstance(found, FieldProperty)
}


def _places(parameters: Sequence[Parameter]) -> dict[str, int]:
    """Name → place, counted from 1, of the parameters whose names tell them apart."""
    count = Counter(parameter.name for parameter in parameters)
    return {
        parameter.name: place
        for place, parameter in enumerate(parameters, 1)
        if parameter.name and count[parameter.name] == 1
    }


def _definition(declaration: Declaration | None) -> Aggregate | Enumeration | None:
    inner = declaration.target if isinstance(declaration, Typedef) else declaration
    return inner if isinstance(inner, Aggregate | Enumeration) else None


def _size(declaration: Declaration | None) -> int | None:
    return declaration.byte_size if isinstance(declaration, Aggregate | Enumeration) else None


def _enumerators(declaration: Declaration | None) -> Mapping[str, int | None]:
    match declaration:
        case Enumeration(enumerators=enumerators):
            return {enumerator.name: enumerator.value for enumerator in enumerators}
        case Aggregate(items=items):
            return {member.name: value for value, member in variants(items)}
    return {}
