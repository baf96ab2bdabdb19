"""Whether two types are one type in other words: other typedefs of it, or a `const` more or less behind a pointer.

Typedefs are looked up among the type strings of their own side and replaced by what they stand for, down to a base
type, a pointer, an array, a function, or a structure, union or enumeration. Of these

- base types are the same where DWARF gives them the same name, size and encoding: `unsigned long` and `unsigned long
  long` are two, also where both have 8 bytes; so are `char` and `signed char`, `bool` and `u8`, an enumeration and
  `int`;
- structures, unions and enumerations are the same where they have the same name. One that has none has that of the
  typedef it is defined in. What is in them is for their own type strings to say;
- explicit alignments count, those of typedefs too, unless it is the one that a base type or a pointer has anyway;
- where one side's typedefs say little-endian (`__le32`) and the other's big-endian (`__be32`), they mean two things; a
  typedef that says a byte order where there was none, or the other way round, as annotations do, is the same type;
- qualifiers count at every place where a value lies in memory; a parameter itself may be `const`, which its caller
  never sees (C11 6.7.6.3, paragraph 15).

It holds for the architecture of the objects: `size_t` is another type elsewhere. genksyms' type strings have neither
sizes nor encodings, and are no declarations (`declaration.parse`): of them nothing is said here. What
debug information lacks cannot be told either: gcc leaves out the `const` of an array that is a typedef.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Base,
    Enumeration,
    Function,
    Parameter,
    Pointer,
    Qualified,
    Reference,
    Typedef,
    parse,
)
from kabicheck.compare.once import once_per_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.compare.declaration import Type
    from kabicheck.compare.surroundings import Surroundings

# Typedefs of functions that take typedefs of functions can grow without end; real types have a few dozen parts.
_MOST_PARTS = 2000
_DEEPEST = 200
_CONST = frozenset({"const"})
# gcc's name and clang's; `long` is as wide as a pointer wherever Linux runs.
_WIDE = re.compile(
    r"pointer_type \{ [^{}]* \} byte_size\(8\)|base_type (?:long (?:unsigned )?int|(?:unsigned )?long) byte_size\(8\)"
)
_WIDEST = 8
# __le32 and __be32 (include/uapi/linux/types.h), and what drivers and file systems make of them.
_ORDER = re.compile(r"_*([lb]e)_?(?:16|24|32|48|64|128)(?:_t)?", re.IGNORECASE)


class Role(Enum):
    """Which way a value goes. KEPT: members, variables and what typedefs stand for go both ways."""

    PARAMETER = "parameter"
    RESULT = "result"
    KEPT = "kept"


class Likeness(Enum):
    """How alike two types are.

    SAME: the same words, but for names of parameters. RESPELLED: one type by other names, also inside pointers, arrays
    and signatures; whatever one side writes means the same to the other. CONST_SAFE: only `const` differs, behind
    pointers, and nobody may write what was read-only to the module or to the kernel before. CONST_UNSAFE: the same
    with the sides swapped: the kernel may now write what a module passes as constant, or a module what the kernel
    holds constant. DIFFERENT: all others, and what cannot be told.
    """

    SAME = "same"
    RESPELLED = "respelled"
    CONST_SAFE = "const safe"
    CONST_UNSAFE = "const unsafe"
    DIFFERENT = "different"


def likeness(old: Type, new: Type, around: Surroundings, role: Role) -> Likeness:
    """How alike two types are. around: has the typedefs of both sides; without them they are DIFFERENT.

    Where kernels check the types of indirect calls (`around.cfi`), there is no CONST_SAFE: clang's kCFI compares a
    hash of the mangled type, in which typedefs are replaced by what they stand for, but `const` behind a pointer stays.
    """
    if old == new or nameless_type(old) == nameless_type(new):
        return Likeness.SAME
    sides = _Resolver(around.old), _Resolver(around.new)
    old_type, new_type = sides[0].resolved(old), sides[1].resolved(new)
    if old_type is None or new_type is None:
        return Likeness.DIFFERENT
    byte_orders = zip(sides[0].orders, sides[1].orders, strict=False)
    if any(order and new_order and order != new_order for order, new_order in byte_orders):
        return Likeness.DIFFERENT
    if role is Role.PARAMETER:
        old_type, new_type = _as_parameter(old_type), _as_parameter(new_type)
    if old_type == new_type:
        return Likeness.RESPELLED
    if around.cfi or role is Role.KEPT:
        return Likeness.DIFFERENT
    given, taken = (old_type, new_type) if role is Role.PARAMETER else (new_type, old_type)
    safe, unsafe = _fits(given, taken), _fits(taken, given)
    if safe == unsafe:
        return Likeness.DIFFERENT
    return Likeness.CONST_SAFE if safe else Likeness.CONST_UNSAFE


def nameless_type(kind: Type) -> Type:
    """A type without the names of the parameters in it, which have no influence on the layout.

    Nor has it encodings: where one name has another than before, that is the compiler's doing (`type-attributes`).
    """
    return _bare(kind, encodings=False)


def unnamed_type(kind: Type) -> Type:
    """A type without the names of the parameters in it, and with everything else."""
    return _bare(kind, encodings=True)


def _bare(kind: Type, *, encodings: bool) -> Type:
    match kind:
        case Base():
            if encodings or kind.encoding is None:
                return kind
            return Base(kind.name, kind.byte_size, None, kind.alignment)
        case Pointer(target) | Qualified(_, target) | Typedef(_, target):
            bare = _bare(target, encodings=encodings)
            return kind if bare is target else replace(kind, target=bare)
        case Array(dimensions, element):
            bare = _bare(element, encodings=encodings)
            return kind if bare is element else Array(dimensions, bare)
        case Function(parameters, result):
            return Function(
                tuple(Parameter(_bare(each.type, encodings=encodings), "") for each in parameters),
                _bare(result, encodings=encodings),
            )
        case _:
            return kind


def resolved(kind: Type, types: Mapping[str, str]) -> Type | None:
    """A type without the typedefs in it, and without names of parameters; None where that cannot be told.

    types: the type strings of its side. Two resolved types are equal where they are the same type. A typedef that has
    an alignment of its own stays, without its name, and one of something defined right there as a reference.
    """
    return _Resolver(types).resolved(kind)


class _NotTold(Exception):
    """A typedef that is not known, or types that have no end."""


class _Resolver:
    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types
        self._parts = 0
        self._order = ""
        # The byte order of each base type in a type, "" where no typedef says one; of equal types at equal places.
        self.orders: list[str] = []

    def resolved(self, kind: Type) -> Type | None:
        """See `resolved`."""
        try:
            return self.type(kind, 0)
        except _NotTold:
            return None

    def type(self, kind: Type, depth: int) -> Type:
        self._parts += 1
        if depth > _DEEPEST or self._parts > _MOST_PARTS:
            raise _NotTold
        match kind:
            case Reference(reference) if reference.startswith("t#"):
                return self.typedef(kind, depth)
            case Typedef(_, target, alignment):
                return self.aligned(self.type(target, depth + 1), alignment)
            case Pointer(target):
                return replace(kind, target=self.type(target, depth + 1))
            case Qualified(qualifier, target):
                return _qualified({qualifier}, self.type(target, depth + 1))
            case Array(dimensions, element):
                return _array(dimensions, self.type(element, depth + 1))
            case Function(parameters, result):
                taken = (_as_parameter(self.type(each.type, depth + 1)) for each in parameters)
                return Function(tuple(Parameter(kind, "") for kind in taken), self.type(result, depth + 1))
            case _:
                self.orders.append(self._order)
                return kind

    def typedef(self, kind: Reference, depth: int) -> Type:
        definition = parse(self._types.get(kind.reference, ""))
        if not isinstance(definition, Typedef):
            raise _NotTold
        inner = definition.target
        while isinstance(inner, Qualified):
            inner = inner.target
        if isinstance(inner, Aggregate | Enumeration):
            self.orders.append("")
            return kind
        outer = self._order
        if order := _ORDER.fullmatch(kind.reference.removeprefix("t#")):
            self._order = order[1].lower()
        found = self.type(definition, depth + 1)
        self._order = outer
        return found

    def aligned(self, kind: Type, alignment: int | None) -> Type:
        """With the alignment of a typedef, which replaces that of a typedef inside."""
        if alignment is None:
            return kind
        inner = kind.target if isinstance(kind, Typedef) else kind
        return inner if self._has_anyway(inner, alignment) else Typedef("", inner, alignment)

    def _has_anyway(self, kind: Type, alignment: int) -> bool:
        """Whether scalars have this alignment; known of machines of 64 bits alone: 32-bit ones align less."""
        while isinstance(kind, Qualified):
            kind = kind.target
        if not isinstance(kind, Base | Pointer) or kind.byte_size != alignment or alignment > _WIDEST:
            return False
        return _has_wide_words(self._types)


@once_per_side
def _has_wide_words(types: Mapping[str, str]) -> bool:
    """Whether types of one side show that its pointers have 64 bits."""
    return any(_WIDE.search(text) for text in types.values())


def _split(kind: Type) -> tuple[frozenset[str], Type]:
    """The qualifiers of a resolved type, and what they qualify."""
    qualifiers = set()
    while isinstance(kind, Qualified):
        qualifiers.add(kind.qualifier)
        kind = kind.target
    return frozenset(qualifiers), kind


def _qualified(qualifiers: set[str], kind: Type) -> Type:
    """Each qualifier once and in one order; those of an array are those of its elements (C11 6.7.3, paragraph 9)."""
    inside, kind = _split(kind)
    if isinstance(kind, Array):
        return replace(kind, element=_qualified({*qualifiers, *inside}, kind.element))
    for qualifier in sorted({*qualifiers, *inside}):
        kind = Qualified(qualifier, kind)
    return kind


def _array(dimensions: tuple[int | None, ...], element: Type) -> Array:
    """An array of arrays has the dimensions of both."""
    if isinstance(element, Array):
        return Array((*dimensions, *element.dimensions), element.element)
    return Array(dimensions, element)


def _as_parameter(kind: Type) -> Type:
    """A resolved type as callers see it."""
    qualifiers, inner = _split(kind)
    return _qualified(set(qualifiers - _CONST), inner) if "const" in qualifiers else kind


def _fits(given: Type, taken: Type) -> bool:
    """Whether a value of the resolved type `given` may go where `taken` is expected; they differ in `const` alone.

    It is the rule of C++ for pointers ([conv.qual]): through `char **` the taker could store a `const char *`, so that
    a `const` deeper inside needs one at every pointer before it. A function is called with what its taker has, and
    gives what its taker wants: of parameters the direction is the other one.
    """
    if given == taken:
        return True
    match given, taken:
        case Qualified(), Qualified():
            (qualifiers, inner), (new_qualifiers, new_inner) = _split(given), _split(taken)
            return qualifiers == new_qualifiers and _fits(inner, new_inner)
        case Pointer(target), Pointer(new_target):
            return given == replace(taken, target=target) and _fits_behind(target, new_target)
        case Function(parameters, result), Function(wanted, wanted_result):
            return (
                len(parameters) == len(wanted)
                and all(_fits(has.type, takes.type) for takes, has in zip(parameters, wanted, strict=True))
                and _fits(result, wanted_result)
            )
        case _:
            return False


def _fits_behind(given: Type, taken: Type) -> bool:
    """The same of what two pointers point to."""
    if isinstance(given, Array) and isinstance(taken, Array):
        return given.dimensions == taken.dimensions and _fits_behind(given.element, taken.element)
    (qualifiers, inner), (new_qualifiers, new_inner) = _split(given), _split(taken)
    if qualifiers - _CONST != new_qualifiers - _CONST or (qualifiers - new_qualifiers):
        return False
    if inner == new_inner or isinstance(inner, Function):
        return _fits(inner, new_inner)
    return "const" in new_qualifiers and _fits(inner, new_inner)
