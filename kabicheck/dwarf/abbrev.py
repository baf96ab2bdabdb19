"""Abbreviations: the shapes of DIEs (DWARF 5, section 7.5.3)."""

from __future__ import annotations

import re
from typing import Literal

from kabicheck.dwarf.constants import BLOCK_LENGTHS, FORM_IMPLICIT_CONST


class Abbreviation:
    """The shape of a DIE: everything about it that does not differ between DIEs with the same code.

    attributes: (attribute, form, value of DW_FORM_implicit_const or 0). Equal shapes in different objects are
    equal values, so that what was generated for one serves all; hashing one costs nothing.
    """

    __slots__ = ("_hash", "attributes", "children", "tag")

    def __init__(self, tag: int, children: bool, attributes: tuple[tuple[int, int, int], ...]) -> None:
        self.tag = tag
        self.children = children
        self.attributes = attributes
        self._hash = hash((tag, children, attributes))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Abbreviation) and (self.tag, self.children, self.attributes) == (
            other.tag,
            other.children,
            other.attributes,
        )

    def __repr__(self) -> str:
        return f"Abbreviation({self.tag:#x}, {self.children}, {self.attributes})"


class MalformedAbbreviations(ValueError):
    """The table ends too early or repeats a code. The argument is the offset in .debug_abbrev."""


def uleb128(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned LEB128 number and the offset behind it. Raises IndexError at the end of the data."""
    result = shift = 0
    while True:
        byte = data[at]
        at += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, at
        shift += 7
        if shift > 133:  # longer than any number that a DIE can hold, padding included
            raise IndexError(at)


def sleb128(data: bytes, at: int) -> tuple[int, int]:
    """A signed LEB128 number and the offset behind it. Raises IndexError at the end of the data."""
    value, end = uleb128(data, at)
    bits = 7 * (end - at)
    return (value - (1 << bits) if value >> (bits - 1) & 1 else value), end


def block_end(data: bytes, form: int, at: int, order: Literal["little", "big"]) -> int:
    """The offset behind a block (DWARF 5, section 7.5.5), whose length is at `at`. Raises IndexError."""
    width = BLOCK_LENGTHS[form]
    if width:
        length, at = int.from_bytes(data[at : at + width], order), at + width
    else:
        length, at = uleb128(data, at)
    if at + length > len(data):
        raise IndexError(at)
    return at + length


def read_table(data: bytes, offset: int) -> dict[int, Abbreviation]:
    """The abbreviations of a unit: code → shape. `offset` is the unit's debug_abbrev_offset."""
    table: dict[int, Abbreviation] = {}
    at = offset
    match, shapes = _ENTRY.match, _shapes
    try:
        while data[at]:
            found = match(data, at)
            if found is None:
                code, shape, at = _read_entry(data, at)
                if code == 0:
                    break
            else:
                encoded, body = found.groups()
                code = encoded[0] if len(encoded) == 1 else uleb128(encoded, 0)[0]
                shape, at = shapes[body], found.end()
            # dwarf_getabbrev keeps the first of two abbreviations with one code.
            table.setdefault(code, shape)
    except IndexError:
        raise MalformedAbbreviations(at) from None
    return table


# An entry as compilers write it: code, then tag, children, and pairs of attribute and form up to two zeros. Numbers
# are in their shortest form, so that equal bytes are equal shapes; anything else is read number by number.
_NUMBER = rb"[\x80-\xff]{0,18}[\x01-\x7f]"
_FORM = rb"(?:\x21[\x80-\xff]{0,18}[\x00-\x7f]|[\x01-\x20\x22-\x7f]|[\x80-\xff]{1,18}[\x01-\x7f])"
_ENTRY = re.compile(rb"(%b)(%b[\x00-\xff](?:%b%b)*+\0\0)" % (_NUMBER, _NUMBER, _NUMBER, _FORM))

# Shapes that are remembered, at most; a kernel has some thousands.
REMEMBERED = 1 << 16


class _Shapes(dict[bytes, Abbreviation]):
    """An entry without its code → the shape."""

    def __missing__(self, body: bytes) -> Abbreviation:
        if len(self) >= REMEMBERED:
            self.clear()
        shape = self[body] = _read_shape(body, 0)[0]
        return shape


_shapes = _Shapes()


def _read_entry(data: bytes, at: int) -> tuple[int, Abbreviation, int]:
    code, at = uleb128(data, at)
    if code == 0:
        return 0, _NO_SHAPE, at
    return code, *_read_shape(data, at)


_NO_SHAPE = Abbreviation(0, False, ())


def _read_shape(data: bytes, at: int) -> tuple[Abbreviation, int]:
    tag, at = uleb128(data, at)
    children = data[at] != 0
    at += 1
    attributes: list[tuple[int, int, int]] = []
    while True:
        attribute, at = uleb128(data, at)
        form, at = uleb128(data, at)
        constant = 0
        if form == FORM_IMPLICIT_CONST:
            constant, at = sleb128(data, at)
        if attribute == 0 and form == 0:
            return Abbreviation(tag, children, tuple(attributes)), at
        attributes.append((attribute, form, constant))
