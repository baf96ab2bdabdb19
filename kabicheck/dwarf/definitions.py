"""What a unit defines: the addresses of its functions and variables, found in one pass over its outer DIEs."""

from __future__ import annotations

from functools import cache
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import uleb128
from kabicheck.dwarf.addresses import UNREADABLE, Addresses
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.reads import Layout, NotGenerated, Reads

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.units import UnitInfo
    from kabicheck.elf.relocations import Place

SYMBOLS = frozenset({dw.TAG_SUBPROGRAM, dw.TAG_VARIABLE})
SCOPES = frozenset({dw.TAG_NAMESPACE, dw.TAG_CLASS, dw.TAG_STRUCTURE})
_ORIGINS = (dw.AT_ABSTRACT_ORIGIN, dw.AT_SPECIFICATION)


class Definition(NamedTuple):
    """A function or variable at an address that somebody asked for.

    place: the address.
    name: its linkage name, or else its name, None where it has neither.
    """

    place: Place
    name: str | None


class Definitions(NamedTuple):
    """What a unit says of what was asked for.

    found: definitions at wanted addresses.
    marks: wanted names of variables, as offsets in .debug_str.
    bare: wanted functions that it defines without saying where, since the compiler merged them with equal ones.
    """

    found: tuple[Definition, ...]
    marks: frozenset[int]
    bare: frozenset[str]


class Wanted(NamedTuple):
    """What is looked for: addresses, names of variables as offsets in .debug_str, and names of functions.

    A name in the supplementary file's .debug_str is an `other_string`.
    """

    places: Collection[Place]
    marks: Collection[int]
    functions: Collection[str]


def other_string(offset: int) -> int:
    """An offset in the supplementary file's .debug_str, told apart from one in the file's own."""
    return -1 - offset


class Look(NamedTuple):
    """Where a shape's DIEs say what they define, from the end of their code.

    address: of DW_AT_low_pc, or of the expression where `located`; None where only the careful reader can tell.
    located: whether the address stands in an expression (DW_AT_location).
    name: of a DW_FORM_strp name, None where nobody asks for it.
    bare: whether it is a function without an address.
    """

    address: int | None
    located: bool = False
    name: int | None = None
    bare: bool = False


class Step(NamedTuple):
    """How to get past a DIE of a shape. Places are offsets from the end of the code.

    plain: the DIE's size in bytes where there is nothing to look at and no children.
    size: the bytes of its fields, None where they vary.
    sibling: the place of DW_AT_sibling.
    children: whether children follow.
    scope: whether to look at these.
    look: what to look at.
    behind: for functions with an expression (of their frame) in front of DW_AT_sibling, the place of the expression,
        and from its end that of the attribute.
    """

    plain: int | None
    size: int | None
    sibling: int | None
    children: bool
    scope: bool
    look: Look | None
    behind: tuple[int, int] | None


def definitions(info: UnitInfo, wanted: Wanted) -> Definitions:
    """What a unit defines of what is wanted; declarations are passed over. Raises ObjectError."""
    try:
        return _Pass(info, wanted).run()
    except (*UNREADABLE, KeyError, ValueError):
        raise info.error(0, "the unit cannot be read") from None


class _Pass:
    def __init__(self, info: UnitInfo, wanted: Wanted) -> None:
        (self._unit,) = info.units
        self._info = info
        self._wanted, self._marks, self._functions = wanted
        self._reader = DieReader(info, self._unit)
        self._addresses = Addresses(info, self._reader)
        unit = self._unit
        self._layout = Layout(info.little, unit.address_size, unit.offset_size, info.image.relocatable)
        in_c = self._reader.number(self._reader.root(), dw.AT_LANGUAGE) in dw.C_LANGUAGES
        self._steps = _Steps(unit.abbreviations, self._layout, scopes=not in_c)
        self._found: list[Definition] = []
        self._seen: set[int] = set()
        self._bare: set[str] = set()

    def run(self) -> Definitions:
        data, end, steps = self._info.data, self._unit.end, self._steps
        order = "<" if self._layout.little else ">"
        jump = Struct(order + "I").unpack_from
        position = self._reader.root().first
        depth = 1
        while position < end:
            at = position
            code = data[position]
            if code == 0:
                position, depth = position + 1, depth - 1
                if not depth:
                    break
                continue
            if code < 128:
                position += 1
            else:
                code, position = uleb128(data, position)
            step = steps[code]
            plain, size, sibling, children, scope, look, behind = step
            if plain is not None:
                position += plain
                continue
            if look is not None:
                self._look(at, position, look)
            if scope and children:
                position, depth = self._reader.whole(at).first, depth + 1
            elif sibling is not None:
                position = self._forward(position, jump(data, position + sibling)[0])
            elif size is not None and not children:
                position += size
            elif behind is not None and (length := data[position + behind[0]]) < 128:
                place = position + behind[0] + 1 + length + behind[1]
                position = self._forward(place, jump(data, place)[0])
            else:
                position = self._behind(at)
        return Definitions(tuple(self._found), frozenset(self._seen), frozenset(self._bare))

    def _look(self, at: int, position: int, look: Look) -> None:
        """Read where a DIE's function or variable is."""
        if look.address is None:
            if not look.bare:
                self._look_carefully(at)
                return
            if look.name is not None:
                bare: str | None = self._info.strings[self._info.word(position + look.name, 4)]
            else:
                bare = self._reader.text(self._reader.whole(at), dw.AT_NAME)
            if bare is not None and bare in self._functions:
                self._bare.add(bare)
            return
        data = self._info.data
        start = position + look.address
        if look.name is not None:
            name = self._info.word(position + look.name, 4)
            if name in self._marks:
                self._seen.add(name)
        if look.located:
            if data[start] != 1 + self._layout.address_size or data[start + 1] != dw.OP_ADDR:
                return
            start += 2
        place = self._addresses.at(start)
        if place in self._wanted:
            self._add(at, place)

    def _look_carefully(self, at: int) -> None:
        die = self._reader.whole(at)
        form, value, _ = die.attributes.get(dw.AT_NAME, (0, None, 0))
        if form in dw.INDEXED_STRINGS and isinstance(value, int):
            value = self._reader.indexed_strings()[value]
        if form in dw.SUPPLEMENTARY_STRINGS and isinstance(value, int):
            value = other_string(value)
        if isinstance(value, int) and value in self._marks:
            self._seen.add(value)
        for place in self._addresses.of(die):
            if place in self._wanted:
                self._add(at, place)

    def _add(self, at: int, place: Place) -> None:
        self._found.append(Definition(place, self._name(at)))

    def _name(self, at: int) -> str | None:
        """The name of a DIE, or of the one that it is an instance or the definition of; None where that one is in
        another unit, as link-time optimisation makes it."""
        info, reader = self._info, self._reader
        for _ in range(4):  # an instance of a definition of a declaration
            die = reader.whole(at)
            name = reader.text(die, dw.AT_LINKAGE_NAME) or reader.text(die, dw.AT_NAME)
            if name is not None:
                return name
            attribute = next((each for each in _ORIGINS if each in die.attributes), None)
            if attribute is None:
                return None
            form, value, _ = die.attributes[attribute]
            if form in dw.OTHER_UNIT_FORMS and isinstance(value, int):
                found = info.importable(value, supplementary=form in dw.SUPPLEMENTARY_REFERENCES)
                if found is None:
                    return None
                info, at = found
                reader = reader if info is self._info else DieReader(info, info.units[0])
            else:
                at = reader.reference(die, attribute) or 0
        return None

    def _behind(self, at: int) -> int:
        die = self._reader.read(at)
        assert die is not None
        return self._reader.behind(die)

    def _forward(self, position: int, sibling: int) -> int:
        if not position <= sibling <= self._unit.end:
            raise ValueError("a sibling that leads backwards")
        return sibling


class _Steps(dict[int, Step]):
    """Abbreviation code → step, made on first use."""

    def __init__(self, shapes: dict[int, Abbreviation], layout: Layout, *, scopes: bool) -> None:
        super().__init__()
        self._shapes, self._layout, self._scopes = shapes, layout, scopes

    def __missing__(self, code: int) -> Step:
        step = self[code] = _step(self._shapes[code], self._layout, self._scopes)
        return step


@cache
def _step(shape: Abbreviation, layout: Layout, scopes: bool) -> Step:
    try:
        reads = Reads(shape, layout, {dw.AT_SIBLING} if shape.children else ())
        size, sibling = reads.fixed_size, reads.place(dw.AT_SIBLING)
    except NotGenerated:
        size = sibling = None
    scope = scopes and shape.tag in SCOPES
    attributes = {attribute for attribute, _, _ in shape.attributes}
    look = None
    if shape.tag in SYMBOLS and dw.AT_DECLARATION not in attributes:
        if attributes & dw.MEMORY_ATTRIBUTES:
            look = _look(shape, layout, named=shape.tag == dw.TAG_VARIABLE and dw.AT_NAME in attributes)
        elif shape.tag == dw.TAG_SUBPROGRAM and {dw.AT_EXTERNAL, dw.AT_NAME} <= attributes:
            look = _look(shape, layout, named=True)._replace(bare=True)
    plain = size if look is None and not shape.children else None
    behind = _sibling_behind_block(shape, layout) if sibling is None and shape.children else None
    return Step(plain, size, sibling, shape.children, scope, look, behind)


def _sibling_behind_block(shape: Abbreviation, layout: Layout) -> tuple[int, int] | None:
    """Where a block is, and from its end DW_AT_sibling, if there is one block and all else has a fixed size."""
    block: int | None = None
    at = 0
    for attribute, form, _ in shape.attributes:
        if attribute == dw.AT_SIBLING and form == dw.FORM_REF4 and block is not None:
            return block, at
        if form == dw.FORM_EXPRLOC and block is None:
            block, at = at, 0
        elif (size := dw.form_size(form, layout.address_size, layout.offset_size)) is not None:
            at += size
        else:
            return None
    return None


def _look(shape: Abbreviation, layout: Layout, *, named: bool) -> Look:
    """named: its name must be found too, since it may be one that is looked for."""
    at = 0
    name: int | None = None
    for attribute, form, _ in shape.attributes:
        if attribute == dw.AT_NAME and named:
            if form != dw.FORM_STRP or layout.offset_size != 4:
                break
            name = at
        if attribute in dw.MEMORY_ATTRIBUTES:
            located = attribute == dw.AT_LOCATION and form == dw.FORM_EXPRLOC
            if (located or (attribute, form) == (dw.AT_LOW_PC, dw.FORM_ADDR)) and (
                name is not None or not named
            ):
                return Look(at, located, name)
            break
        if (size := dw.form_size(form, layout.address_size, layout.offset_size)) is None:
            break
        at += size
    return Look(None, name=name)
