"""Unit headers, and objects that have none or broken ones."""

from __future__ import annotations

import struct

import pytest

from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.info import DebugInfo, Strings
from kabicheck.elf.image import Image
from kabicheck.errors import NoDebugInfo, ObjectError, Unsupported
from tests.dwarf.objects import LAYOUTS, read
from tests.dwarf_writer import Unit, die, write
from tests.elf_writer import Section, write_elf


def _unit(*, version: int = 5, offset_size: int = 4, kind: int = 1) -> Unit:
    return Unit(die("base_type", name="int"), version=version, offset_size=offset_size, kind=kind, name="x.c")


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_headers(layout: tuple[str, int, int, bool]) -> None:
    machine, version, offset_size, relocations = layout
    units = [_unit(version=version, offset_size=offset_size) for _ in range(3)]
    info = read(*units, machine=machine, relocations=relocations)
    assert [(unit.version, unit.offset_size) for unit in info.units] == [(version, offset_size)] * 3
    assert {unit.address_size for unit in info.units} == {
        8 if machine in {"x86_64", "s390x", "aarch64"} else 4
    }
    assert info.units[0].start == 0
    assert info.units[-1].end == len(info.data)
    assert [unit.end for unit in info.units[:-1]] == [unit.start for unit in info.units[1:]]
    for unit in info.units:
        reader = DieReader(info, unit)
        assert reader.text(reader.root(), 0x03) == "x.c"


def test_versions_in_one_file() -> None:
    info = read(_unit(version=4), _unit(version=5), _unit(version=5, offset_size=8), _unit(version=4))
    assert [(unit.version, unit.offset_size) for unit in info.units] == [(4, 4), (5, 4), (5, 8), (4, 4)]


@pytest.mark.parametrize("kind", [1, 3, 4, 5], ids=["compile", "partial", "skeleton", "split compile"])
def test_unit_types(kind: int) -> None:
    info = read(_unit(kind=kind), _unit())
    for unit in info.units:
        reader = DieReader(info, unit)
        assert reader.text(reader.root(), 0x03) == "x.c"


@pytest.mark.parametrize("version", [0, 1, 2, 3, 6, 0xFFFF])
def test_other_versions(version: int) -> None:
    with pytest.raises(Unsupported, match=rf"^x\.o: DWARF version {version} is not .* at \.debug_info\+0x0$"):
        read(_unit(version=version))


def test_an_unknown_unit_type() -> None:
    with pytest.raises(Unsupported, match=r"^x\.o: unit type 0x77 is not known at \.debug_info\+0x0$"):
        read(_unit(kind=0x77))


@pytest.mark.parametrize("machine", ["x86_64", "s390x"])
def test_no_debug_information(machine: str) -> None:
    for sections in ([], [Section(".data", b"1234")], [Section(".debug_info", b"")]):
        with pytest.raises(NoDebugInfo, match=r"^x\.o: no debug information \(build with"):
            DebugInfo(Image("x.o", write_elf(sections, machine=machine)))


def _sections(*, info: bytes, abbrev: bytes = b"\x01\x11\x00\x00\x00\x00") -> DebugInfo:
    content = write_elf([Section(".debug_info", info), Section(".debug_abbrev", abbrev)], linked=True)
    return DebugInfo(Image("x.o", content))


SMALLEST = struct.pack("<IHBBI", 9, 5, 1, 8, 0) + b"\x01"


def test_the_smallest_unit() -> None:
    assert [(unit.root, unit.end) for unit in _sections(info=SMALLEST * 2).units] == [(12, 13), (25, 26)]


def test_a_header_that_is_cut_short() -> None:
    for size in range(1, len(SMALLEST)):
        with pytest.raises(ObjectError, match=r"^x\.o: .* at \.debug_info\+0xd$"):
            _sections(info=SMALLEST + SMALLEST[:size])


@pytest.mark.parametrize("length", [10, 0xFFFFFFFE, 0, 3])
def test_a_length_that_does_not_fit(length: int) -> None:
    info = struct.pack("<I", length) + SMALLEST[4:]
    with pytest.raises(ObjectError, match=r"^x\.o: .* at \.debug_info\+0x0$"):
        _sections(info=info)


@pytest.mark.parametrize("abbrev", [b"", b"\x01", b"\x01\x11\x00\x03"])
def test_abbreviations_that_are_cut_short(abbrev: bytes) -> None:
    with pytest.raises(ObjectError, match=r"^x\.o: an abbreviation table is cut short at \.debug_abbrev\+0x"):
        _sections(info=SMALLEST, abbrev=abbrev)


def test_strings_by_offset() -> None:
    strings = Strings(b"one\0caf\xe9\0last")
    assert [strings[0], strings[1], strings[4], strings[9]] == ["one", "ne", "caf\xe9", "last"]
    for offset in (-1, 13, 1 << 60):
        with pytest.raises(IndexError, match="outside the section"):
            strings[offset]


def test_relocated_values_of_a_unit() -> None:
    content = write([_unit(), _unit()])
    info = DebugInfo(Image("x.o", content))
    one, two = info.units
    assert info.relocated_in(one).keys() >= {8, 13, 18}
    assert info.relocated_in(two) == {8: info.word(two.start + 8, 4), 13: 0, 18: 4}
