"""Declarations of Rust in Rust's words, as far as DWARF carries them.

    struct shapes::geometry::Point<i32> {
            x: i32,                      /* 0 4 */
            y: i32,                      /* 4 4 */
    } /* align 4 */                      /* size 8 */

    enum core::option::Option<shapes::Color> {
            /* tag: u8 */                /* 0 1 */
            None = 3,
            Some(shapes::Color),         /* 0 1 */
    } /* align 1 */                      /* size 1 */

rustc's names hold references, slices and generic arguments (`&mut [u8]`); a variant's fields are in a structure of its
own, and those of tuples are called `__0`, `__1`. A variant without a value of the tag is the one that all other values
stand for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Base,
    Enumeration,
    Function,
    Member,
    Pointer,
    Qualified,
    Reference,
    Typedef,
    Variable,
    Variant,
    parse,
)
from kabicheck.compare.lines import Line
from kabicheck.compare.sizes import size_of
from kabicheck.formats.symtypes import is_reference, referenced_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Declaration, Item, Type

# What C has not; `char` and `bool` are of both.
_PRIMITIVES = frozenset(
    {
        "()",
        "!",
        "f32",
        "f64",
        *(f"{sign}{bits}" for sign in "iu" for bits in ("8", "16", "32", "64", "128", "size")),
    }
)
# References, slices, tuples, pointers, trait objects.
_UNNAMED = re.compile(r"[&*(\[]|dyn ")
_MANGLED = re.compile(r"_R[A-Z]")  # symbols, by the "v0" scheme
_TUPLE_FIELD = re.compile(r"__[0-9]+")
_LONGEST = 100
_DEEPEST = 100


def is_rust(name: str, declaration: Declaration) -> bool:
    """Whether a declaration is Rust's: by its own name or by the types that it mentions."""
    own = _is_rust_name(referenced_name(name)) if is_reference(name) else _MANGLED.match(name) is not None
    return own or _mentions_rust(declaration, 0)


def rust_title(reference: str, text: str) -> str:
    """`enum core::option::Option<u8>` for a type reference, "" where it is not Rust's."""
    name = referenced_name(reference)
    if not _is_rust_name(name):
        return ""
    if _UNNAMED.match(name):
        return name
    words = {"s": "struct ", "u": "union ", "e": "enum "}
    return ("enum " if " { variant_part { " in text else words.get(reference[0], "")) + name


def rust_lines(name: str, declaration: Declaration, types: Mapping[str, str]) -> list[Line]:
    """The lines of a declaration; `name` is the export's where the declaration is a signature."""
    exported = "" if is_reference(name) else name
    match declaration:
        case Function():
            return _signature(declaration, exported)
        case Variable(kind):
            return [Line(0, f"static {exported}: {spell_rust(kind)};", 0, size_of(kind, types))]
        case Aggregate() if declaration.byte_size is not None:
            return list(_Body(types).aggregate(declaration))
        case Enumeration(enumeration, enumerators, size) if size is not None:
            inside = (
                Line(1, f"{each.name}{_discriminant(each.value)},", name=each.name) for each in enumerators
            )
            return [Line(0, f"enum {enumeration} {{"), *inside, Line(0, "}", None, size)]
        case _:
            return [Line(0, f"{rust_title(name, '') or spell_rust_declaration(declaration)};")]


def spell_rust(kind: Type, name: str = "") -> str:
    """A type on one line, behind the name of what has it: `turned: bool`."""
    spelled = _spelled(kind, 0)
    return f"{name}: {spelled}" if name else spelled


def spell_rust_declaration(declaration: Declaration) -> str:
    """A type, or an export's."""
    return spell_rust(declaration.type if isinstance(declaration, Variable) else declaration)


def _is_rust_name(name: str) -> bool:
    return "::" in name or _UNNAMED.match(name) is not None


def _mentions_rust(kind: Declaration, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    match kind:
        case Base(name):
            return name in _PRIMITIVES
        case Reference(reference):
            return _is_rust_name(referenced_name(reference))
        case Pointer(target, _, name):
            return bool(name) or _mentions_rust(target, depth + 1)
        case Qualified(_, inner) | Array(_, inner) | Typedef(_, inner) | Variable(inner):
            return _mentions_rust(inner, depth + 1)
        case Function(parameters, result):
            return any(
                _mentions_rust(each, depth + 1)
                for each in (result, *(parameter.type for parameter in parameters))
            )
        case Aggregate(items=items):
            return any(isinstance(item, Variant) or _mentions_rust(item.type, depth + 1) for item in items)
        case _:
            return False


def _spelled(kind: Type, depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    match kind:
        case Base("void"):
            return "()"
        case Pointer(_, _, name) | Base(name) | Typedef(name) if name:
            return name
        case Reference(reference):
            return referenced_name(reference)
        case Pointer(target):
            return f"*{_spelled(target, depth + 1)}"
        case Array(dimensions, element):
            spelled = _spelled(element, depth + 1)
            for number in reversed(dimensions or (None,)):
                spelled = f"[{spelled}]" if number is None else f"[{spelled}; {number}]"
            return spelled
        case Qualified(qualifier, inner):
            return f"{qualifier} {_spelled(inner, depth + 1)}"
        case Function(parameters, result):
            inside = ", ".join(_spelled(each.type, depth + 1) for each in parameters)
            return f"fn({inside}){_returned(result, depth + 1)}"
        case Aggregate(keyword, name):
            return name or keyword
        case Enumeration(name):
            return name or "enum"
        case _:
            return "_"


def _returned(result: Type, depth: int = 0) -> str:
    spelled = _spelled(result, depth)
    return "" if spelled == "()" else f" -> {spelled}"


def _signature(function: Function, name: str) -> list[Line]:
    parameters = [
        Line(1, f"{spell_rust(each.type, each.name)},", name=each.name) for each in function.parameters
    ]
    start, end = f"fn {name}(", f"){_returned(function.result)};"
    whole = start + " ".join(line.text for line in parameters).removesuffix(",") + end
    if len(whole) <= _LONGEST or not parameters:
        return [Line(0, whole)]
    return [Line(0, start), *parameters, Line(0, end)]


def _discriminant(value: int | None) -> str:
    """gendwarfksyms prints constants as unsigned 64-bit numbers."""
    return "" if value is None else f" = {value - (1 << 64) if value >> 63 else value}"


def _is_tuple(items: Sequence[Item]) -> bool:
    return bool(items) and all(
        isinstance(item, Member) and _TUPLE_FIELD.fullmatch(item.name) for item in items
    )


class _Body:
    """The lines of a structure, a union or an enumeration."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self._types = types

    def aggregate(self, kind: Aggregate) -> Iterator[Line]:
        items = kind.items
        is_enum = any(isinstance(item, Variant) for item in items)
        is_tuple = _is_tuple(items)
        keyword = "enum " if is_enum else "type " if _UNNAMED.match(kind.name) else f"{kind.keyword} "
        brackets = "()" if is_tuple else "{}"
        equals = " = " if keyword == "type " else "" if is_tuple else " "
        yield Line(0, f"{keyword}{kind.name}{equals}{brackets[0]}")
        for item in items:
            if isinstance(item, Variant):
                yield from self.variants(item.items)
            else:
                text = spell_rust(item.type, "" if is_tuple else item.name)
                yield self.placed(item, f"{text},")
        aligned = f" /* align {kind.alignment} */" if kind.alignment else ""
        yield Line(0, f"{brackets[1]}{aligned}", None, kind.byte_size)

    def variants(self, items: Sequence[Item], value: int | None = None) -> Iterator[Line]:
        """What a variant_part holds: the tag, which has no name, and a variant with one member each."""
        for item in items:
            if isinstance(item, Variant):
                yield from self.variants(item.items, item.discriminant)
            elif item.name:
                yield self.placed(item, f"{item.name}{self.inside(item.type)}{_discriminant(value)},")
            else:
                yield self.placed(item, f"/* tag: {spell_rust(item.type)} */")

    def inside(self, kind: Type) -> str:
        """A variant's fields: `(u32)`, ` { side: u64 }`, or nothing."""
        name = kind.reference if isinstance(kind, Reference) else ""
        declaration = parse(self._types.get(name, ""))
        items = declaration.items if isinstance(declaration, Aggregate) else ()
        fields = [item for item in items if isinstance(item, Member)]
        if not fields:
            return ""
        if _is_tuple(items):
            return f"({', '.join(spell_rust(field.type) for field in fields)})"
        return f" {{ {', '.join(spell_rust(field.type, field.name) for field in fields)} }}"

    def placed(self, member: Member, text: str) -> Line:
        return Line(1, text, member.offset or 0, size_of(member.type, self._types), name=member.name)
