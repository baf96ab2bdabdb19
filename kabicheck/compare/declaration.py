"""Type strings of gendwarfksyms as a small tree of declarations.

The grammar is that of process_type() in scripts/gendwarfksyms/dwarf.c:

    base_type NAME byte_size(N) encoding(N)          pointer_type [NAME] { TYPE } byte_size(N)
    const_type { TYPE }   (volatile, restrict, …)    array_type[N][M] { TYPE }
    structure_type NAME { ITEM , … } byte_size(N)    (union, class; a declaration has no items and no size)
    enumeration_type NAME { enumerator NAME = N , … } byte_size(N)
    typedef_type NAME { TYPE }                       s#NAME u#NAME e#NAME t#NAME
    subroutine_type ( formal_parameter TYPE NAME , … ) -> TYPE
    ITEM: member TYPE NAME bit_size(N) data_bit_offset(N) data_member_location(N)
          variant_part { ITEM , … }    variant { ITEM , … } discr_value(N)           (Rust)
    and of an exported symbol: subprogram ( … ) -> TYPE, variable TYPE

The tree does not tell a subprogram from a subroutine_type. Every level of nesting costs a few Python
frames, so the depth is bounded; no real kernel type comes near it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from kabicheck.formats.symtypes import is_reference, words

MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Base:
    """`int`, `unsigned long`, `void`. byte_size: None where DWARF has none (void); encoding: DW_ATE_… (7.8)."""

    name: str
    byte_size: int | None = None
    encoding: int | None = None
    alignment: int | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A named type that has a type string of its own: `s#kobject`."""

    reference: str


@dataclass(frozen=True, slots=True)
class Pointer:
    """pointer_type; Rust names its pointers (`&mut [u8]`) and knows reference types.

    alignment: where gcc says it of the pointer and not of its typedef, as of a `const` one.
    """

    target: Type
    byte_size: int | None = None
    name: str = ""
    alignment: int | None = None


@dataclass(frozen=True, slots=True)
class Qualified:
    """const_type, volatile_type, restrict_type, atomic_type, …: `qualifier` is the part before `_type`."""

    qualifier: str
    target: Type


@dataclass(frozen=True, slots=True)
class Array:
    """dimensions: None for `[]`."""

    dimensions: tuple[int | None, ...]
    element: Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """formal_parameter. name: "" in prototypes without names."""

    type: Type
    name: str


@dataclass(frozen=True, slots=True)
class Function:
    """subroutine_type and subprogram."""

    parameters: tuple[Parameter, ...]
    result: Type


@dataclass(frozen=True, slots=True)
class Member:
    """offset: bytes from the start of the innermost aggregate; bit_offset: that of a bit-field, in bits."""

    type: Type
    name: str
    offset: int | None = None
    bit_size: int | None = None
    bit_offset: int | None = None


@dataclass(frozen=True, slots=True)
class Variant:
    """variant_part and variant of a Rust enumeration. discriminant: discr_value of a variant."""

    keyword: str
    items: tuple[Item, ...]
    discriminant: int | None = None


@dataclass(frozen=True, slots=True)
class Aggregate:
    """keyword: struct, union or class. byte_size: None in a declaration, which has no items either."""

    keyword: str
    name: str
    items: tuple[Item, ...]
    byte_size: int | None = None
    alignment: int | None = None


@dataclass(frozen=True, slots=True)
class Enumerator:
    """value: unsigned 64 bits as gendwarfksyms prints it; None in Rust's variants without one."""

    name: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Enumeration:
    """byte_size: None in a declaration."""

    name: str
    enumerators: tuple[Enumerator, ...]
    byte_size: int | None = None
    alignment: int | None = None


@dataclass(frozen=True, slots=True)
class Typedef:
    """typedef_type."""

    name: str
    target: Type
    alignment: int | None = None


@dataclass(frozen=True, slots=True)
class Variable:
    """An exported variable's declaration, without its name."""

    type: Type


@dataclass(frozen=True, slots=True)
class Unspecified:
    """unspecified_type, from stand-alone assembly."""


Type: TypeAlias = (
    Base
    | Reference
    | Pointer
    | Qualified
    | Array
    | Function
    | Aggregate
    | Enumeration
    | Typedef
    | Unspecified
)
Item: TypeAlias = Member | Variant
Declaration: TypeAlias = Type | Variable


class NotADeclaration(Exception):
    """A type string that does not follow the grammar, or nests too deeply."""


def parse(text: str) -> Declaration | None:
    """The declaration of a type string, or None where it cannot be read as one."""
    return _parsed(text) if len(text) <= _LONGEST_KEPT else _parsed.__wrapped__(text)


# Both sides of every object have nearly the same types.
_LONGEST_KEPT = 20_000


@lru_cache(maxsize=8192)
def _parsed(text: str) -> Declaration | None:
    try:
        return Parser(text).declaration()
    except NotADeclaration:
        return None


# Numbers have 64 bits; int() refuses thousands of digits.
_ATTRIBUTE = re.compile(r"([a-z_]+)\(([0-9]{1,20})\)")
_TYPE_ATTRIBUTES = frozenset({"byte_size", "encoding", "alignment"})
_DIMENSION = re.compile(r"\[([0-9]{0,20})\]")
_ARRAY = re.compile(r"array_type(?:\[[0-9]{0,20}\])*")
_VALUE = re.compile(r"[0-9]{1,20}")
_END = ""
_DELIMITERS = frozenset({",", "{", "}", "(", ")", "->", _END})
_AGGREGATES = {"structure_type": "struct", "union_type": "union", "class_type": "class"}
_POINTERS = frozenset({"pointer_type", "reference_type", "rvalue_reference_type"})
_QUALIFIERS = frozenset(
    f"{qualifier}_type"
    for qualifier in ("atomic", "const", "immutable", "packed", "restrict", "shared", "volatile")
)


class Parser:
    """Recursive descent over the words of one type string; `self.next` is the word to be read."""

    def __init__(self, text: str) -> None:
        self.words = iter(words(text))
        self.depth = 0
        self.next = _END
        self.take()

    def take(self) -> str:
        taken, self.next = self.next, next(self.words, _END)
        return taken

    def expect(self, word: str) -> None:
        if self.take() != word:
            raise NotADeclaration

    def declaration(self) -> Declaration:
        declaration: Declaration
        if self.next == "variable":
            self.take()
            declaration = Variable(self.type())
        elif self.next == "subprogram":
            self.take()
            declaration = self.function()
        else:
            declaration = self.type()
        if self.next != _END:
            raise NotADeclaration
        return declaration

    def type(self) -> Type:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotADeclaration
        parsed = self.type_of(self.take())
        self.depth -= 1
        return parsed

    def type_of(self, word: str) -> Type:
        if is_reference(word):
            return Reference(word)
        if word == "base_type":
            return self.base()
        if word in _POINTERS:
            name, target = self.wrapped()
            found = self.attributes()
            return Pointer(target, found.get("byte_size"), name, found.get("alignment"))
        if word in _QUALIFIERS:
            _, target = self.wrapped()
            self.attributes()
            return Qualified(word.removesuffix("_type"), target)
        if _ARRAY.fullmatch(word):
            dimensions = tuple(int(digits) if digits else None for digits in _DIMENSION.findall(word))
            return Array(dimensions, self.wrapped()[1])
        if word == "subroutine_type":
            return self.function()
        if word in _AGGREGATES:
            return self.aggregate(_AGGREGATES[word])
        if word == "enumeration_type":
            return self.enumeration()
        if word == "typedef_type":
            name, target = self.wrapped()
            return Typedef(name, target, self.attributes().get("alignment"))
        if word == "unspecified_type":
            return Unspecified()
        raise NotADeclaration

    def base(self) -> Base:
        # "base_type void" stands for a missing DW_AT_type, and is the only one without a size.
        if self.next == "void":
            self.take()
            return self.base_of("void")
        words = []
        while not _ATTRIBUTE.fullmatch(self.next):
            if self.next in _DELIMITERS - {"(", ")"}:
                raise NotADeclaration
            words.append(self.take())
        return self.base_of(" ".join(words))

    def base_of(self, name: str) -> Base:
        found = self.attributes()
        return Base(name, found.get("byte_size"), found.get("encoding"), found.get("alignment"))

    def wrapped(self) -> tuple[str, Type]:
        """`[NAME] { TYPE }`"""
        name = self.name_before_brace()
        inner = self.type()
        self.expect("}")
        return name, inner

    def name_before_brace(self) -> str:
        """Rust's names hold spaces, commas and parentheses, but end at a brace that stands alone."""
        words = []
        while self.next != "{":
            if self.next == _END:
                raise NotADeclaration
            words.append(self.take())
        self.take()
        return " ".join(words)

    def name(self) -> str:
        return "" if self.next in _DELIMITERS or _ATTRIBUTE.fullmatch(self.next) else self.take()

    def attributes(self, *, of_type: bool = True) -> dict[str, int]:
        """A type's attributes, or those of the member or parameter around it, which follow them."""
        found = {}
        while match := _ATTRIBUTE.fullmatch(self.next):
            if (match[1] in _TYPE_ATTRIBUTES) != of_type:
                break
            found[match[1]] = int(match[2])
            self.take()
        return found

    def function(self) -> Function:
        self.expect("(")
        parameters = []
        while self.next != ")":
            self.expect("formal_parameter")
            parameters.append(Parameter(self.type(), self.name()))
            self.attributes(of_type=False)
            self.comma()
        self.take()
        self.expect("->")
        return Function(tuple(parameters), self.type())

    def comma(self) -> None:
        if self.next == ",":
            self.take()

    def aggregate(self, keyword: str) -> Aggregate:
        name = self.name_before_brace()
        items = self.items()
        found = self.attributes()
        return Aggregate(keyword, name, items, found.get("byte_size"), found.get("alignment"))

    def items(self) -> tuple[Item, ...]:
        """Members and variants up to the closing brace."""
        items: list[Item] = []
        while self.next != "}":
            word = self.take()
            if word == "member":
                items.append(self.member())
            elif word in {"variant_part", "variant"}:
                items.append(self.variant(word))
            else:
                raise NotADeclaration
            self.comma()
        self.take()
        return tuple(items)

    def member(self) -> Member:
        kind = self.type()
        name = self.name()
        found = self.attributes(of_type=False)
        return Member(
            kind, name, found.get("data_member_location"), found.get("bit_size"), found.get("data_bit_offset")
        )

    def variant(self, keyword: str) -> Variant:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise NotADeclaration
        self.expect("{")
        items = self.items()
        self.depth -= 1
        return Variant(keyword, items, self.attributes(of_type=False).get("discr_value"))

    def enumeration(self) -> Enumeration:
        name = self.name_before_brace()
        enumerators = []
        while self.next != "}":
            self.expect("enumerator")
            enumerators.append(self.enumerator())
            self.comma()
        self.take()
        found = self.attributes()
        return Enumeration(name, tuple(enumerators), found.get("byte_size"), found.get("alignment"))

    def enumerator(self) -> Enumerator:
        name = self.take()
        if name in _DELIMITERS:
            raise NotADeclaration
        if self.next != "=":
            return Enumerator(name, None)
        self.take()
        value = self.take()
        if not _VALUE.fullmatch(value):
            raise NotADeclaration
        return Enumerator(name, int(value))
