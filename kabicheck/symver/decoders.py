"""Generates the functions that turn DIEs into pieces of type strings: one per abbreviation and role.

A function reads a DIE's fields and returns finished text, so that Python runs once per DIE and not once per
attribute. The code depends on the shape alone and is compiled once for all units and objects that use it; binding
it to a unit's data costs next to nothing. Tracebacks and profilers show its lines, as those of a file
`<decoder 17: member>`; `kabicheck symver --dump-decoder` prints it. Beside the names of `kabicheck.dwarf.reads`,
generated code uses:

    types           type reference (offset in the unit, or `reads.elsewhere`) → its text in other types' strings
    unnamed_member_types    the same for the types of members without a name (--stable)
    visible         name of a member or parameter → " NAME", or "" where --stable hides it
    private         file number → whether definitions in it are private
    named           (offset, prefix of references, name) → the text of a reference to a named type
    fqn             (offset, name) → " NAME" with its scopes
    unnamed         offset → an unnamed type's own string
    subroutine      (word, offset of the first child or 0, offset or 0, return type) → a function's type
    members, enumerators, parameters, subranges, variants
                    offset of the first child → the texts of the list's items

Arguments of the functions are `position`, behind a DIE's code, `offset`, of the DIE itself, `full_name`, as `fqn`
gives it, and `add`, which takes the text of a list's item.
"""

from __future__ import annotations

import linecache
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.reads import FLAG, NUMBER, REFERENCE, TEXT, Layout, NotGenerated, Reads
from kabicheck.symver.grammar import ATTRIBUTES, CONTAINERS, MODIFIERS, PREFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from struct import Struct

    from kabicheck.dwarf.abbrev import Abbreviation

    Decoder = Callable[..., Any]
    Binder = Callable[..., Decoder]

# Names that generated code takes from the unit it is bound to, in the order of a binder's arguments.
BINDINGS = (
    "data",
    "relocated",
    "strings",
    "line_strings",
    "other_strings",
    "string_offsets",
    "inline",
    "uleb",
    "sleb",
    "types",
    "unnamed_member_types",
    "visible",
    "private",
    "named",
    "fqn",
    "unnamed",
    "subroutine",
    "members",
    "enumerators",
    "parameters",
    "subranges",
    "variants",
)

LIST_NUMBERS = (dw.AT_ACCESSIBILITY, dw.AT_BIT_SIZE, dw.AT_DATA_BIT_OFFSET, dw.AT_DATA_MEMBER_LOCATION)
LIST_ITEM = frozenset({dw.AT_NAME, dw.AT_TYPE, *LIST_NUMBERS})
SIZES = (dw.AT_BYTE_SIZE, dw.AT_ALIGNMENT)


class Made(dict[Any, Any]):
    """What was made for a key (an abbreviation's code in a unit, or its shape in all), made on first use."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Any) -> Any:
        made = self[key] = self._make(key)
        return made


class Code(NamedTuple):
    """What a role makes of a shape: the source of a function without its name, and the structs that it unpacks."""

    arguments: str
    lines: tuple[str, ...]
    unpackers: tuple[tuple[str, Struct], ...]

    def source(self, role: str) -> str:
        """The function."""
        return "\n".join([f"def {role}({self.arguments}):", *(f"    {line}" for line in self.lines)]) + "\n"


# Functions that are remembered, at most; all objects of a kernel together need some hundreds.
REMEMBERED = 1 << 13


@cache
def of_role(role: Callable[[Abbreviation, Layout], Code], layout: Layout) -> Mapping[Abbreviation, Binder]:
    """What a role, one of those below, makes of all shapes that are met: compiled, and to be bound to a unit."""
    return Made(lambda shape: _compiled[role.__name__, role(shape, layout)])


class _Compiled(dict[tuple[str, Code], "Binder"]):
    """Role and code → the binder: shapes that differ only in what is passed over have the same code, as most have.

    The sources are where tracebacks look for the lines of a file, until the functions are forgotten.
    """

    def __init__(self) -> None:
        super().__init__()
        self._files: list[str] = []
        self._number = 0

    def __missing__(self, key: tuple[str, Code]) -> Binder:
        if len(self) >= REMEMBERED:
            forget()
        role, code = key
        lines = [f"def bind({', '.join(BINDINGS)}):\n"]
        lines += [f"    {line}\n" for line in (*code.source(role).splitlines(), f"return {role}")]
        source = "".join(lines)
        self._number += 1
        file = f"<decoder {self._number}: {role}>"
        namespace: dict[str, Any] = {name: unpacker.unpack_from for name, unpacker in code.unpackers}
        # Only words of ours, numbers and struct formats reach the source; names and texts of the input never do.
        exec(compile(source, file, "exec"), namespace)  # noqa: S102
        linecache.cache[file] = len(source), None, lines, file
        self._files.append(file)
        binder: Binder = namespace["bind"]
        self[key] = binder
        return binder

    def forget(self) -> None:
        """Let go of all binders, and of their sources."""
        self.clear()
        for file in self._files:
            linecache.cache.pop(file, None)
        self._files.clear()


_compiled = _Compiled()


def forget() -> None:
    """Let go of all functions, but for those that units are still read with."""
    of_role.cache_clear()
    _compiled.forget()


class _Text:
    """A type string under construction, as the source of an f-string."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self.source = ""

    def word(self, text: str) -> _Text:
        self.source += text.replace("{", "{{").replace("}", "}}")
        return self

    def value(self, expression: str) -> _Text:
        self.source += expression if expression.isdigit() else "{" + expression + "}"
        return self

    def type(self) -> _Text:
        """process_type_attr."""
        reference = self.reads.expression(dw.AT_TYPE, REFERENCE)
        return self.word("base_type void") if reference is None else self.value(f"types[{reference}]")

    def numbers(self, *attributes: int) -> _Text:
        for attribute in attributes:
            value = self.reads.expression(attribute, NUMBER)
            if value is not None:
                self.word(f" {ATTRIBUTES[attribute]}(").value(value).word(")")
        return self

    def __str__(self) -> str:
        return f'f"{self.source}"'


def _function(reads: Reads, arguments: str, body: list[str]) -> Code:
    """A function that reads a DIE, and then does what the body says."""
    return Code(arguments, (*reads.lines, *body), tuple(reads.unpackers.items()))


def _list(reads: Reads, text: _Text | str) -> Code:
    """(position, add) → the offset behind a DIE of a list; its text goes to add."""
    return _function(reads, "position, add", [f"add({text})", f"return {reads.end}"])


def _name(reads: Reads) -> str | None:
    return reads.expression(dw.AT_NAME, TEXT)


def member(shape: Abbreviation, layout: Layout) -> Code:
    """See `_list`."""
    return _plain_item(shape, layout, "member")


def parameter(shape: Abbreviation, layout: Layout) -> Code:
    """See `_list`."""
    return _plain_item(shape, layout, "formal_parameter")


def _plain_item(shape: Abbreviation, layout: Layout, word: str) -> Code:
    reads = Reads(shape, layout, LIST_ITEM)
    text, name = _Text(reads).word(f"{word} ").type(), _name(reads)
    if name is not None:
        text.word(" ").value(name)
    return _list(reads, text.numbers(*LIST_NUMBERS))


def stable_parameter(shape: Abbreviation, layout: Layout) -> Code:
    """The same with --stable."""
    reads = Reads(shape, layout, LIST_ITEM)
    text, name = _Text(reads).word("formal_parameter ").type(), _name(reads)
    if name is not None:
        text.value(f"visible[{name}]")
    return _list(reads, text.numbers(*LIST_NUMBERS))


def stable_member(shape: Abbreviation, layout: Layout) -> Code:
    """The same with --stable: members whose type says nothing at all, which is an ignored union, are left out."""
    reads = Reads(shape, layout, LIST_ITEM)
    type_, name = reads.expression(dw.AT_TYPE, REFERENCE), _name(reads)
    if type_ is None:
        raise NotGenerated(shape.tag)
    text = _Text(reads).word("member ").value("text")
    if name is not None:
        text.value(f"visible[{name}]")
    types = "types" if name is not None else "unnamed_member_types"
    add = f"if text := {types}[{type_}]: add({text.numbers(*LIST_NUMBERS)})"
    return _function(reads, "position, add", [add, f"return {reads.end}"])


def enumerator(shape: Abbreviation, layout: Layout) -> Code:
    """See `_list`. An enumeration passes no scope on, so its name is all."""
    reads = Reads(shape, layout, {dw.AT_NAME, dw.AT_CONST_VALUE})
    text = _Text(reads).word("enumerator")
    name = _name(reads)
    if name is not None:
        text.word(" ").value(name)
    value = reads.expression(dw.AT_CONST_VALUE, NUMBER)
    if value is not None:
        text.word(" = ").value(value)
    return _list(reads, text)


def subrange(shape: Abbreviation, layout: Layout) -> Code:
    """See `_list`."""
    reads = Reads(shape, layout, {dw.AT_COUNT, dw.AT_UPPER_BOUND})
    count = reads.expression(dw.AT_COUNT, NUMBER)
    bound = reads.expression(dw.AT_UPPER_BOUND, NUMBER)
    if count is not None:
        text = f'f"[{{{count}}}]"'
    elif bound is not None:
        text = f'f"[{{({bound}) + 1 & 0xFFFFFFFFFFFFFFFF}}]"'
    else:
        text = '"[]"'
    return _list(reads, text)


def variant_part(shape: Abbreviation, layout: Layout) -> Code:
    """(position, add) → the offset behind its own fields; its children follow."""
    return _nested(Reads(shape, layout, ()), shape, "variant_part", "variants")


def variant(shape: Abbreviation, layout: Layout) -> Code:
    """(position, add) → the offset behind its own fields; its children follow."""
    return _nested(Reads(shape, layout, {dw.AT_DISCR_VALUE}), shape, "variant", "members")


def _nested(reads: Reads, shape: Abbreviation, word: str, listed: str) -> Code:
    bare = _Text(reads).word(f"{word} {{ }}").numbers(dw.AT_DISCR_VALUE)
    if not shape.children:
        return _list(reads, bare)
    full = _Text(reads).word(f"{word} {{ ").value("' , '.join(items)").word(" }").numbers(dw.AT_DISCR_VALUE)
    return _function(
        reads,
        "position, add",
        [f"items = {listed}({reads.end})", f"add({full} if items else {bare})", f"return {reads.end}"],
    )


def type_text(shape: Abbreviation, layout: Layout) -> Code:
    """(position, offset) → what another type's string says of the type at that offset: its reference, or all of it."""
    tag = shape.tag
    if tag in PREFIXES:
        reads = Reads(shape, layout, {dw.AT_NAME})
        name = _name(reads)
        if name is None:
            return _function(reads, "position, offset", ["return unnamed(offset)"])
        return _function(reads, "position, offset", [f"return named(offset, {PREFIXES[tag]!r}, {name})"])
    if tag in MODIFIERS:
        return _modifier(shape, layout)
    if tag == dw.TAG_BASE:
        return _base(shape, layout)
    if tag == dw.TAG_ARRAY:
        reads = Reads(shape, layout, {dw.AT_TYPE})
        text = _Text(reads).word("array_type")
        if shape.children:
            text.value(f"''.join(subranges({reads.end}))")
        return _function(reads, "position, offset", [f"return {text.word(' { ').type().word(' }')}"])
    if tag == dw.TAG_SUBROUTINE:
        reads = Reads(shape, layout, {dw.AT_TYPE})
        result = _Text(reads).type()
        first = reads.end if shape.children else "0"
        return _function(
            reads, "position, offset", [f"return subroutine('subroutine_type', {first}, offset, {result})"]
        )
    if tag == dw.TAG_UNSPECIFIED:
        return _function(Reads(shape, layout, ()), "position, offset", ["return 'unspecified_type'"])
    raise NotGenerated(tag)


def _modifier(shape: Abbreviation, layout: Layout) -> Code:
    """__process_type for types that are always written out."""
    reads = Reads(shape, layout, {dw.AT_NAME, dw.AT_TYPE, *SIZES})
    text = _Text(reads).word(MODIFIERS[shape.tag])
    name = _name(reads)
    if name is not None:
        text.value(f"fqn(offset, {name})")
    text.word(" { ").type().word(" }").numbers(*SIZES)
    return _function(reads, "position, offset", [f"return {text}"])


def _base(shape: Abbreviation, layout: Layout) -> Code:
    reads = Reads(shape, layout, {dw.AT_NAME, dw.AT_ENCODING, *SIZES})
    text = _Text(reads).word("base_type")
    name = _name(reads)
    if name is not None:
        text.value(f"fqn(offset, {name})")
    text.numbers(dw.AT_BYTE_SIZE, dw.AT_ENCODING, dw.AT_ALIGNMENT)
    return _function(reads, "position, offset", [f"return {text}"])


def own_text(shape: Abbreviation, layout: Layout) -> Code:
    """(position, full_name) → a named type's own string; full_name is "" or " NAME" with its scopes."""
    tag = shape.tag
    wanted = {dw.AT_TYPE, dw.AT_DECLARATION, dw.AT_DECL_FILE, *SIZES}
    reads = Reads(shape, layout, wanted)
    if tag == dw.TAG_TYPEDEF:
        text = (
            _Text(reads).word(MODIFIERS[tag]).value("full_name").word(" { ").type().word(" }").numbers(*SIZES)
        )
        return _function(reads, "position, full_name", [f"return {text}"])
    empty = _Text(reads).word(CONTAINERS[tag]).value("full_name").word(" { }")
    conditions = []
    declaration = reads.expression(dw.AT_DECLARATION, FLAG)
    if declaration is not None:
        conditions.append(declaration)
    file = reads.expression(dw.AT_DECL_FILE, NUMBER)
    if file is not None:
        conditions.append(f"private[{file}]")
    body = [f"if {' or '.join(conditions)}: return {empty}"] if conditions else []
    bare = _Text(reads).word(CONTAINERS[tag]).value("full_name").word(" { }").numbers(*SIZES)
    if not shape.children:
        return _function(reads, "position, full_name", [*body, f"return {bare}"])
    listed = "enumerators" if tag == dw.TAG_ENUMERATION else "members"
    full = _Text(reads).word(CONTAINERS[tag]).value("full_name").word(" { ").value("' , '.join(items)")
    full.word(" }").numbers(*SIZES)
    body += [f"items = {listed}({reads.end})", f"return {full} if items else {bare}"]
    return _function(reads, "position, full_name", body)


def symbol(shape: Abbreviation, layout: Layout) -> Code:
    """(position) → (name or None, abstract origin, or -1 for none), of a function's or variable's DIE."""
    reads = Reads(shape, layout, {dw.AT_NAME, dw.AT_LINKAGE_NAME, dw.AT_ABSTRACT_ORIGIN})
    name = reads.expression(dw.AT_LINKAGE_NAME, TEXT) or _name(reads) or "None"
    origin = reads.expression(dw.AT_ABSTRACT_ORIGIN, REFERENCE) or "-1"
    return _function(reads, "position", [f"return {name}, {origin}"])


def symbol_text(shape: Abbreviation, layout: Layout) -> Code:
    """(position, offset) → the type string of an exported function or variable."""
    reads = Reads(shape, layout, {dw.AT_TYPE})
    if shape.tag in (dw.TAG_SUBPROGRAM, dw.TAG_SUBROUTINE):
        result = _Text(reads).type()
        first = reads.end if shape.children else "0"
        # A function's own list is met here alone; a symbol pointer's type may be mentioned by other types too.
        offset = "offset" if shape.tag == dw.TAG_SUBROUTINE else "0"
        return _function(
            reads, "position, offset", [f"return subroutine('subprogram', {first}, {offset}, {result})"]
        )
    return _function(reads, "position, offset", [f"return {_Text(reads).word('variable ').type()}"])


def scope(shape: Abbreviation, layout: Layout) -> Code:
    """(position) → (name or None, offset of the first child), of a namespace's or structure's DIE."""
    reads = Reads(shape, layout, {dw.AT_NAME})
    return _function(reads, "position", [f"return {_name(reads) or 'None'}, {reads.end}"])


def behind(shape: Abbreviation, layout: Layout) -> Code:
    """(position) → the offset behind its own fields."""
    reads = Reads(shape, layout, ())
    return _function(reads, "position", [f"return {reads.end}"])


class Passage(NamedTuple):
    """How to get past DIEs of a shape without looking.

    Places are offsets from behind the code, None where there is no such field, or not always at the same place.

    size: the bytes of the DIE's own fields, None where they vary.
    sibling: the place of a DW_FORM_ref4 that leads to the next DIE.
    name: the place of the DW_FORM_strp of a DIE that is known by it and nothing else.
    tag: DW_TAG_*.
    children: whether children follow.
    """

    size: int | None
    sibling: int | None
    name: int | None
    tag: int
    children: bool


@cache
def passages(layout: Layout) -> Mapping[Abbreviation, Passage]:
    """How to get past DIEs of all shapes that are met."""
    return Made(lambda shape: _passage(shape, layout))


def _passage(shape: Abbreviation, layout: Layout) -> Passage:
    """How to get past DIEs of a shape. Raises NotGenerated."""
    wanted = {dw.AT_NAME, dw.AT_LINKAGE_NAME, dw.AT_ABSTRACT_ORIGIN, dw.AT_SIBLING}
    names = [form for attribute, form, _ in shape.attributes if attribute in wanted - {dw.AT_SIBLING}]
    reads = Reads(shape, layout, {dw.AT_NAME} if names == [dw.FORM_STRP] else ())
    siblings = Reads(shape, layout, {dw.AT_SIBLING} if shape.children else ())
    return Passage(
        reads.fixed_size, siblings.place(dw.AT_SIBLING), reads.place(dw.AT_NAME), shape.tag, shape.children
    )
