"""LEB128 numbers and abbreviation tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.dwarf.abbrev import Abbreviation, MalformedAbbreviations, read_table, sleb128, uleb128
from tests import elf_writer as writer


@given(st.integers(0, (1 << 128) - 1), st.integers(0, 3), st.binary(max_size=3))
def test_uleb128(value: int, padding: int, behind: bytes) -> None:
    encoded = writer.uleb128(value)
    encoded = writer.uleb128(value, len(encoded) + padding if len(encoded) < 16 else 0)
    assert uleb128(b"\xff" + encoded + behind, 1) == (value, 1 + len(encoded))


@given(st.integers(-(1 << 127), (1 << 127) - 1), st.binary(max_size=3))
def test_sleb128(value: int, behind: bytes) -> None:
    encoded = writer.sleb128(value)
    assert sleb128(b"\0" + encoded + behind, 1) == (value, 1 + len(encoded))


@pytest.mark.parametrize(
    ("encoded", "unsigned", "signed"),
    # DWARF 5, tables 7.8 and 7.9
    [
        (b"\x02", 2, 2),
        (b"\x7f", 127, -1),
        (b"\x80\x01", 128, 128),
        (b"\xff\x00", 127, 127),
        (b"\x81\x7f", 16257, -127),
        (b"\x80\x7f", 16256, -128),
        (b"\xe5\x8e\x26", 624485, 624485),
    ],
)
def test_leb128_as_the_standard_has_it(encoded: bytes, unsigned: int, signed: int) -> None:
    assert uleb128(encoded, 0) == (unsigned, len(encoded))
    assert sleb128(encoded, 0) == (signed, len(encoded))


@pytest.mark.parametrize("data", [b"", b"\x80", b"\xff" * 19, b"\x80" * 1000 + b"\0"])
def test_numbers_without_an_end(data: bytes) -> None:
    for read in (uleb128, sleb128):
        with pytest.raises(IndexError):
            read(data, 0)


TABLE = (
    b"\x01\x11\x01\x03\x0e\x00\x00"  # 1: compile unit with children; name strp
    b"\x80\x02\x24\x00\x87\x40\x0b\x49\xa0\x3e\x3e\x21\x7f\x00\x00"  # 256; long numbers; implicit_const -1
    b"\x01\x34\x00\x00\x00"  # 1 again
    b"\x00"
)


def test_a_table() -> None:
    assert read_table(b"\xff" + TABLE + b"behind", 1) == {
        1: Abbreviation(0x11, True, ((0x03, 0x0E, 0),)),
        256: Abbreviation(0x24, False, ((0x2007, 0x0B, 0), (0x49, 0x1F20, 0), (0x3E, 0x21, -1))),
    }


def test_a_table_that_is_cut_short() -> None:
    for size in range(len(TABLE)):
        with pytest.raises(MalformedAbbreviations):
            read_table(TABLE[:size], 0)
    with pytest.raises(MalformedAbbreviations):
        read_table(TABLE, 1000)


NUMBERS = st.one_of(st.integers(0, 200), st.sampled_from([0x21, 0x1F20, 0x2137, 1 << 40]))
ENTRIES = st.tuples(
    st.integers(1, 300),
    NUMBERS,
    st.integers(0, 2),
    st.lists(st.tuples(NUMBERS, NUMBERS, st.integers(-200, 200))),
)


@given(st.lists(ENTRIES), st.integers(0, 2), st.integers(0, 40))
def test_the_quick_way_reads_what_the_slow_one_does(
    entries: list[tuple[int, int, int, list[tuple[int, int, int]]]], padding: int, missing: int
) -> None:
    """Numbers padded or not, attributes and forms that are 0, tables that are cut short."""

    def number(value: int) -> bytes:
        encoded = writer.uleb128(value)
        return writer.uleb128(value, len(encoded) + padding) if padding else encoded

    table = b""
    for code, tag, children, attributes in entries:
        table += number(code) + number(tag) + bytes([children])
        for attribute, form, constant in attributes:
            table += number(attribute) + number(form)
            table += writer.sleb128(constant) if form == 0x21 else b""
        table += bytes(2)
    data = table + bytes(1)
    data = data[: max(len(data) - missing, 0)]
    try:
        quick = read_table(data, 0)
    except MalformedAbbreviations:
        quick = None
    assert quick == _read_slowly(data)


def _read_slowly(data: bytes) -> dict[int, Abbreviation] | None:
    found: dict[int, Abbreviation] = {}
    at = 0
    try:
        while True:
            code, at = uleb128(data, at)
            if code == 0:
                return found
            tag, at = uleb128(data, at)
            children, at = data[at] != 0, at + 1
            attributes = []
            while True:
                attribute, at = uleb128(data, at)
                form, at = uleb128(data, at)
                constant, at = sleb128(data, at) if form == 0x21 else (0, at)
                if attribute == form == 0:
                    break
                attributes.append((attribute, form, constant))
            found.setdefault(code, Abbreviation(tag, children, tuple(attributes)))
    except IndexError:
        return None
