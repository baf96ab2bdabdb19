"""Declarations in the words of C (of Rust: `rust`), as pahole prints them: one line per member, with offset and size.

    struct kref {
            refcount_t refcount;                 /*  0  4 */
    };                                           /* size 4 */

Offsets are in bytes from the start of the outermost aggregate, also inside anonymous ones; bit-fields show
`offset:bit` of their storage unit where the bit is not 0. A size that no type string says is left out.
"""

from __future__ import annotations

from dataclasses import replace
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
    parse,
)
from kabicheck.compare.fields import is_nameless_space
from kabicheck.compare.kabi_unions import unfolded
from kabicheck.compare.lines import Line
from kabicheck.compare.rust_words import is_rust, rust_lines
from kabicheck.compare.sizes import size_of
from kabicheck.formats.symtypes import is_reference, referenced_name, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kabicheck.compare.declaration import Declaration, Item, Type

_KEYWORDS = {"s": "struct ", "u": "union ", "e": "enum ", "t": "", "E": ""}
_LONGEST_SIGNATURE = 100


def render(name: str, text: str, types: Mapping[str, str]) -> list[Line]:
    """The lines of one type string; `types` says how large the types are that it refers to.

    A type string that is not a declaration (another producer's, or nested too deeply) is shown as it is,
    broken into lines. Never raises.
    """
    declaration = parse(text)
    return raw_lines(text) if declaration is None else declaration_lines(name, declaration, types)


def declaration_lines(name: str, declaration: Declaration, types: Mapping[str, str]) -> list[Line]:
    """The lines of a parsed declaration; `name` is the export's where the declaration is a signature."""
    if is_rust(name, declaration):
        return rust_lines(name, declaration, types)
    renderer = _Renderer(types)
    exported = "" if is_reference(name) else name
    if isinstance(declaration, Function):
        return _signature(declaration, exported)
    if isinstance(declaration, Variable):
        return list(renderer.type(declaration.type, exported, Line(0, "")))
    if isinstance(declaration, Typedef):
        return list(renderer.type(declaration.target, declaration.name, Line(0, ""), "typedef "))
    return list(renderer.type(declaration, exported, Line(0, "")))


def raw_lines(text: str) -> list[Line]:
    """A type string as it is, broken after braces and commas."""
    lines: list[Line] = []
    depth = 0
    pending: list[str] = []

    def flush() -> None:
        if pending:
            lines.append(Line(depth, " ".join(pending)))
            pending.clear()

    for word in words(text):
        if word in {"}", ")"}:
            flush()
            depth = max(depth - 1, 0)
        pending.append(word)
        if word in {"{", "(", ",", ";"}:
            flush()
            depth += word in {"{", "("}
    flush()
    return lines


def spell(kind: Type, declarator: str = "") -> str:
    """A type with its declarator on one line: `int (*name)(struct foo *, int)`."""
    prefix, base, declarator = _unwind(kind, declarator)
    return _joined(f"{prefix}{_base_name(base)}", declarator)


def spell_reference(reference: str) -> str:
    """`s#kobject` → `struct kobject`."""
    return _KEYWORDS[reference[0]] + referenced_name(reference)


def _joined(base: str, declarator: str) -> str:
    return f"{base} {declarator}" if declarator else base


def _unwind(kind: Type, declarator: str) -> tuple[str, Type, str]:
    """Pointers, arrays and functions move from the type to the declarator, as C writes them."""
    qualifiers = ""
    while True:
        match kind:
            case Pointer(target, _, "") if isinstance(target, Array | Function):
                kind, declarator = target, f"(*{declarator})"
            case Pointer(target, _, ""):
                kind, declarator = target, f"*{declarator}"
            case Qualified(qualifier, Pointer() as target):
                kind, declarator = target, _joined(qualifier, declarator)
            case Qualified(qualifier, target):
                # gcc qualifies an array and its elements.
                new = "" if qualifier in qualifiers.split() else f"{qualifier} "
                kind, qualifiers = target, qualifiers + new
            case Array(dimensions, element):
                brackets = "".join("[]" if number is None else f"[{number}]" for number in dimensions) or "[]"
                kind, declarator = element, declarator + brackets
            case Function(parameters, result):
                spelled = ", ".join(spell(each.type, each.name) for each in parameters) or "void"
                kind, declarator = result, f"{declarator}({spelled})"
            case _:
                return qualifiers, kind, declarator


def _base_name(kind: Type) -> str:
    """What is left of a type when its pointers, arrays and functions went to the declarator."""
    match kind:
        case Base(name) | Typedef(name) | Pointer(_, _, name):
            return name
        case Reference(reference):
            return spell_reference(reference)
        case Aggregate(keyword, name, items):
            inside = " ".join(f"{_member_text(member)};" for member in _members(items))
            return f"{_joined(keyword, name)} {{ {inside} }}"
        case Enumeration(name, enumerators):
            inside = ", ".join(_enumerator_text(each.name, each.value) for each in enumerators)
            return f"{_joined('enum', name)} {{ {inside} }}"
        case _:
            return "void"


def _members(items: Iterable[Item]) -> Iterator[Member]:
    """A structure's members; variants are Rust's."""
    return (item for item in items if isinstance(item, Member))


def _member_text(member: Member) -> str:
    text = spell(member.type, member.name)
    return text if member.bit_size is None else f"{text} : {member.bit_size}"


def _enumerator_text(name: str, value: int | None) -> str:
    if value is None:
        return name
    # gendwarfksyms prints constants as unsigned 64-bit numbers.
    return f"{name} = {value - (1 << 64) if value >> 63 else value}"


def _signature(function: Function, name: str) -> list[Line]:
    whole = f"{spell(function, name)};"
    if len(whole) <= _LONGEST_SIGNATURE or len(function.parameters) < 2:
        return [Line(0, whole)]
    first = spell(Function((), function.result), name).removesuffix("void)")
    last = len(function.parameters) - 1
    inside = (
        Line(1, spell(p.type, p.name) + ("," if place < last else ""), name=p.name)
        for place, p in enumerate(function.parameters)
    )
    return [Line(0, first), *inside, Line(0, ");")]


class _Renderer:
    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types

    def type(self, kind: Type, declarator: str, at: Line, prefix: str = "") -> Iterator[Line]:
        """`kind declarator;` at a place: one line, or a block for what is defined right there."""
        qualifiers, base, outer = _unwind(kind, declarator)
        head = f"{prefix}{qualifiers}"
        if isinstance(base, Aggregate | Enumeration):
            # The members of `struct { … } *p` start at 0, those of a directly embedded one at its place.
            start = 0 if "*" in outer else at.offset or 0
            yield from self.block(base, head, outer, at, start)
        else:
            yield self._line(at, f"{head}{_joined(_base_name(base), outer)};")

    def block(
        self, base: Aggregate | Enumeration, head: str, declarator: str, at: Line, start: int
    ) -> Iterator[Line]:
        keyword = base.keyword if isinstance(base, Aggregate) else "enum"
        opening = f"{head}{_joined(keyword, base.name)}"
        if base.byte_size is None:
            yield self._line(at, f"{_joined(opening, declarator)};")
            return
        yield Line(at.depth, f"{opening} {{", name=at.name)
        if isinstance(base, Aggregate):
            for member in _members(base.items):
                yield from self.member(member, at, start)
        else:
            for each in base.enumerators:
                text = f"{_enumerator_text(each.name, each.value)},"
                yield Line(at.depth + 1, text, name=_within(at.name, each.name))
        aligned = ""
        if isinstance(base, Aggregate) and base.alignment is not None:
            aligned = f" __attribute__((__aligned__({base.alignment})))"
        size = base.byte_size if at.offset is None else at.size
        yield self._line(at, f"{_joined('}', declarator)}{aligned};", size)

    def member(self, member: Member, around: Line, start: int) -> Iterator[Line]:
        if found := unfolded(member):
            yield from self.remarked(*found, around, start)
            return
        if is_nameless_space(member):
            yield self._line(self.place(member, around, start), f"{spell(member.type)} /* reserved */;")
            return
        declarator = member.name if member.bit_size is None else f"{member.name} : {member.bit_size}".lstrip()
        yield from self.type(member.type, declarator, self.place(member, around, start))

    def remarked(self, members: Iterable[Member], remark: str, around: Line, start: int) -> Iterator[Line]:
        """Members with a remark behind what each of them ends with."""
        for member in members:
            *first, last = self.member(member, around, start)
            yield from first
            yield replace(last, text=f"{last.text} /* {remark} */")

    def place(self, member: Member, around: Line, start: int) -> Line:
        """A line without text at the member's place. Members of a union have no location: they start it."""
        size = size_of(member.type, self.types)
        offset, bit = start + (member.offset or 0), 0
        if member.bit_offset is not None and size:
            unit = member.bit_offset // (8 * size) * size
            offset, bit = start + unit, member.bit_offset - 8 * unit
        return Line(around.depth + 1, "", offset, size, bit, _within(around.name, member.name))

    @staticmethod
    def _line(at: Line, text: str, size: int | None = None) -> Line:
        return replace(at, text=text, size=at.size if size is None else size)


def _within(around: str, name: str) -> str:
    """The name of what stands in a member: that of an anonymous one's is the name around it."""
    return f"{around}.{name}" if around and name else around or name
