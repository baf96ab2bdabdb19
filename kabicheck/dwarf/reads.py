"""Generates Python that reads the attributes of DIEs of one shape.

All DIEs with one abbreviation look the same, so what is where is known before the first is read: runs of fields of
fixed size become a single `struct.unpack_from`, constants become text, and what nobody asked for becomes a number
in an addition. A field that was asked for becomes a variable, `at_name` for DW_AT_name. Names in generated code:

    data            the unit's bytes, from its header on
    position        the offset in `data` behind a DIE's code; it moves behind each field of variable size
    relocated       offset in the unit → relocated value (relocatable files only)
    strings, line_strings   strings of .debug_str and .debug_line_str by offset
    other_strings   strings of the supplementary file's .debug_str by offset
    string_offsets  offsets in .debug_str by index
    inline          a string in the DIE itself, as bytes → its text
    uleb, sleb      (data, offset) → (value, offset behind)
    unpack_FORMAT   `unpack_from` of that struct format
"""

from __future__ import annotations

from functools import cache
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf import constants as dw

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.dwarf.abbrev import Abbreviation

NUMBER, TEXT, REFERENCE, FLAG = "number", "text", "reference", "flag"

# Attribute → the variable that holds its value.
_VARIABLES = {code: name.lower() for name, code in vars(dw).items() if name.startswith("AT_")}

_FORMATS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_NUMBER_FORMS = frozenset(
    {dw.FORM_DATA1, dw.FORM_DATA2, dw.FORM_DATA4, dw.FORM_DATA8, dw.FORM_UDATA, dw.FORM_SEC_OFFSET}
)


# A reference to another unit as a number that is no offset in this one: `elsewhere` takes it apart. -1 is free for
# "none".
_ELSEWHERE = -2
_SUPPLEMENTARY = 1 << 64


def elsewhere(reference: int) -> tuple[bool, int]:
    """Whether a reference below -1 is to the supplementary file, and the offset in its .debug_info, or in ours."""
    value = _ELSEWHERE - reference
    return value >= _SUPPLEMENTARY, value % _SUPPLEMENTARY


class Layout(NamedTuple):
    """What the size of a DIE depends on beside its abbreviation."""

    little: bool
    address_size: int
    offset_size: int
    relocatable: bool


class NotGenerated(Exception):
    """A form that generated code does not read; the careful reader decides about it."""


class Reads:
    """Code that reads the wanted attributes of a shape, and where the DIE ends. Raises NotGenerated.

    lines: statements.
    values: attribute → (kind, expression).
    unpackers: name in the statements → struct that it unpacks.
    end: an expression for the offset behind the DIE's fields.
    """

    def __init__(self, shape: Abbreviation, layout: Layout, wanted: Collection[int]) -> None:
        self.lines: list[str] = []
        self.values: dict[int, tuple[str, str]] = {}
        self.unpackers: dict[str, Struct] = {}
        self._layout = layout
        self._varies = False
        self._places: dict[int, int] = {}
        self._offset = 0  # from `position`, which moves behind each field of variable size
        self._run: list[
            tuple[int, str, str]
        ] = []  # gathered: (offset from `position`, struct format, variable)
        seen: set[int] = set()
        for attribute, form, constant in shape.attributes:
            # dwarf_attr finds the first of two attributes with one code
            if attribute in wanted and attribute not in seen:
                self._read(_VARIABLES[attribute], attribute, form, constant)
            else:
                self._read("_", None, form, constant)
            seen.add(attribute)
        self._flush()
        self.end = _moved(self._offset)

    def place(self, attribute: int) -> int | None:
        """Where a wanted 4-byte field is, from `position`, where that is the same in all DIEs of the shape."""
        return self._places.get(attribute)

    @property
    def fixed_size(self) -> int | None:
        """The bytes behind the code, where all DIEs of the shape have the same number."""
        return None if self._varies else self._offset

    def expression(self, attribute: int, kind: str) -> str | None:
        """The code for an attribute's value; None where DIEs of this shape have none of that kind."""
        found = self.values.get(attribute)
        return found[1] if found is not None and found[0] == kind else None

    def _read(self, name: str, attribute: int | None, form: int, constant: int) -> None:
        if form == dw.FORM_IMPLICIT_CONST:
            self._value(attribute, NUMBER, str(constant & 0xFFFFFFFFFFFFFFFF))
        elif form == dw.FORM_FLAG_PRESENT:
            self._value(attribute, FLAG, "True")
        elif form in dw.FIXED_SIZES:
            self._fixed(name, attribute, form, dw.FIXED_SIZES[form])
        elif form in dw.OFFSET_FORMS:
            self._offset_form(name, attribute, form)
        elif form == dw.FORM_ADDR:
            self._offset += self._layout.address_size
        else:
            self._variable(name, attribute, form)

    def _value(self, attribute: int | None, kind: str, expression: str) -> None:
        if attribute is not None:
            self.values[attribute] = (kind, expression)

    def _fixed(self, name: str, attribute: int | None, form: int, size: int) -> None:
        at, self._offset = self._offset, self._offset + size
        if attribute is None:
            return
        if form == dw.FORM_FLAG:
            kind, expression = FLAG, name
        elif form in _NUMBER_FORMS:
            kind, expression = NUMBER, name
        elif form in dw.UNIT_REFERENCES:
            kind, expression = REFERENCE, name
        elif form in dw.INDEXED_STRINGS and size != 3:
            kind, expression = TEXT, f"strings[string_offsets[{name}]]"
        elif form in dw.SUPPLEMENTARY_REFERENCES:
            kind, expression = REFERENCE, f"({_ELSEWHERE - _SUPPLEMENTARY} - {name})"
        elif form == dw.FORM_DATA16:
            return  # no number to dwarf_formudata
        else:
            raise NotGenerated(form)
        self._run.append((at, _FORMATS[size], name))
        self._value(attribute, kind, expression)
        if size == 4:
            self._place(attribute, at)

    def _offset_form(self, name: str, attribute: int | None, form: int) -> None:
        at, self._offset = self._offset, self._offset + self._layout.offset_size
        if attribute is None:
            return
        if form == dw.FORM_STRP:
            kind, expression = TEXT, f"strings[{name}]"
        elif form == dw.FORM_LINE_STRP:
            kind, expression = TEXT, f"line_strings[{name}]"
        elif form in dw.SUPPLEMENTARY_STRINGS:
            kind, expression = TEXT, f"other_strings[{name}]"
        elif form == dw.FORM_SEC_OFFSET:
            kind, expression = NUMBER, name
        elif form == dw.FORM_REF_ADDR:
            kind, expression = REFERENCE, f"({_ELSEWHERE} - {name})"
        elif form in dw.SUPPLEMENTARY_REFERENCES:
            kind, expression = REFERENCE, f"({_ELSEWHERE - _SUPPLEMENTARY} - {name})"
        else:
            raise NotGenerated(form)
        if self._layout.relocatable:
            self.lines.append(f"{name} = relocated[{_moved(at)}]")
        else:
            self._run.append((at, _FORMATS[self._layout.offset_size], name))
        self._value(attribute, kind, expression)
        if form == dw.FORM_STRP and self._layout.offset_size == 4:
            self._place(attribute, at)

    def _place(self, attribute: int, at: int) -> None:
        if not self._varies:
            self._places[attribute] = at

    def _variable(self, name: str, attribute: int | None, form: int) -> None:
        self._flush()
        self._varies = True
        start = _moved(self._offset)
        if form == dw.FORM_STRING:
            if attribute is None:
                self.lines.append(f"position = data.index(0, {start}) + 1")
            else:
                self.lines += [
                    f"{name} = data.index(0, {start})",
                    f"{name}, position = inline(data[{start}:{name}]), {name} + 1",
                ]
                self._value(attribute, TEXT, name)
        elif form in dw.UNSIGNED_LEB_FORMS or form == dw.FORM_SDATA:
            self._leb(name, attribute, form, start)
        elif form in dw.BLOCK_LENGTHS:
            self._block(form, start)
        else:
            raise NotGenerated(form)
        self._offset = 0

    def _leb(self, name: str, attribute: int | None, form: int, start: str) -> None:
        read = "sleb" if form == dw.FORM_SDATA else "uleb"
        self.lines.append(f"{name}, position = {read}(data, {start})")
        if attribute is None:
            return
        if form in dw.INDEXED_STRINGS:
            self._value(attribute, TEXT, f"strings[string_offsets[{name}]]")
        elif form == dw.FORM_REF_UDATA:
            self._value(attribute, REFERENCE, name)
        elif form == dw.FORM_UDATA:
            self._value(attribute, NUMBER, name)
        elif form == dw.FORM_SDATA:
            self._value(attribute, NUMBER, f"({name} & 0xFFFFFFFFFFFFFFFF)")
        # the others are no numbers to dwarf_formudata

    def _block(self, form: int, start: str) -> None:
        width = dw.BLOCK_LENGTHS[form]
        if width == 0:
            self.lines += [f"length, position = uleb(data, {start})", "position += length"]
        else:
            unpack = self._unpacker(_FORMATS[width])
            self.lines.append(f"position = {start} + {width} + {unpack}(data, {start})[0]")

    def _flush(self) -> None:
        """One unpack for all the wanted fields since the last field of variable size."""
        run, self._run = self._run, []
        if not run:
            return
        first = run[0][0]
        if len(run) == 1 and run[0][1] == "B":
            self.lines.append(f"{run[0][2]} = data[{_moved(first)}]")
            return
        formats, at = "", first
        for offset, code, _ in run:
            formats += f"{offset - at}x{code}" if offset > at else code
            at = offset + Struct("<" + code).size
        names = ", ".join(name for _, _, name in run)
        comma = "," if len(run) == 1 else ""
        self.lines.append(f"{names}{comma} = {self._unpacker(formats)}(data, {_moved(first)})")

    def _unpacker(self, formats: str) -> str:
        name = f"unpack_{formats}"
        self.unpackers[name] = unpacker(("<" if self._layout.little else ">") + formats)
        return name


def _moved(offset: int) -> str:
    """The code for an offset from `position`."""
    return f"position + {offset}" if offset else "position"


@cache
def unpacker(formats: str) -> Struct:
    """One Struct for each format, so that equal readers are equal."""
    return Struct(formats)
