"""Abbreviations: the shapes of DIEs (DWARF 5, section 7.5.3)."""

from __future__ import annotations

from typing import NamedTuple

from kabicheck.dwarf.constants import FORM_IMPLICIT_CONST


class Abbreviation(NamedTuple):
    """The shape of a DIE: everything about it that does not differ between DIEs with the same code.

    attributes: (attribute, form, value of DW_FORM_implicit_const or 0). Equal shapes in different objects are
    equal values, so that what was generated for one serves all.
    """

    tag: int
    children: bool
    attributes: tuple[tuple[int, int, int], ...]


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


def read_table(data: bytes, offset: int) -> dict[int, Abbreviation]:
    """The abbreviations of a unit: code → shape. `offset` is the unit's debug_abbrev_offset."""
    table: dict[int, Abbreviation] = {}
    at = offset
    try:
        while True:
            code, at = uleb128(data, at)
            if code == 0:
                return table
            tag, at = uleb128(data, at)
            children = data[at] != 0
            at += 1
            attributes: list[tuple[int, int, int]] = []
            while True:
                attribute = data[at]
                at += 1
                if attribute > 0x7F:
                    attribute, at = uleb128(data, at - 1)
                form = data[at]
                at += 1
                if form > 0x7F:
                    form, at = uleb128(data, at - 1)
                constant = 0
                if form == FORM_IMPLICIT_CONST:
                    constant, at = sleb128(data, at)
                if attribute == 0 and form == 0:
                    break
                attributes.append((attribute, form, constant))
            # dwarf_getabbrev keeps the first of two abbreviations with one code.
            table.setdefault(code, Abbreviation(tag, children, tuple(attributes)))
    except IndexError:
        raise MalformedAbbreviations(at) from None
