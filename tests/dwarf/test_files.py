"""File tables of DWARF 4 and 5."""

from __future__ import annotations

import os
import struct

import pytest

from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import read_files
from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError
from tests.dwarf.objects import LAYOUTS, read
from tests.dwarf_writer import Unit, die, write

FILES = ("drivers/base/core.c", "include/linux/kobject.h", "./include/uapi/a.h", "top.h", "/usr/include/x.h")
EXPECTED = [
    "/src/drivers/base/core.c",
    "/src/include/linux/kobject.h",
    "/src/include/uapi/a.h",
    "/src/top.h",
    "/usr/include/x.h",
]


def files(info: DebugInfo, unit: int = 0) -> list[str]:
    return read_files(DieReader(info, info.units[unit]))


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_paths_by_number(layout: tuple[str, int, int, bool]) -> None:
    machine, version, offset_size, relocations = layout
    units = [
        Unit(files=["a.c"], version=version, offset_size=offset_size, comp_dir="/x"),
        Unit(files=FILES, version=version, offset_size=offset_size, comp_dir="/src"),
    ]
    info = read(*units, machine=machine, relocations=relocations)
    assert files(info)[1:] == ["/x/a.c"]
    assert files(info, 1)[1:] == EXPECTED
    assert files(info, 1)[0] == ("" if version == 4 else EXPECTED[0])


@pytest.mark.parametrize("form", ["string", "strp", "line_strp"])
def test_forms_of_paths(form: str) -> None:
    assert files(read(Unit(files=FILES, path_form=form, comp_dir="/src")))[1:] == EXPECTED


@pytest.mark.parametrize("version", [4, 5])
def test_without_a_compilation_directory(version: int) -> None:
    info = read(Unit(files=["include/a.h", "b.c"], version=version))
    assert files(info)[1:] == ["include/a.h", "b.c"]


@pytest.mark.parametrize("version", [4, 5])
@pytest.mark.parametrize("folder", [".", "build"])
def test_a_compilation_directory_that_is_relative(folder: str, version: int) -> None:
    """As -fdebug-prefix-map makes it: it counts once."""
    info = read(Unit(files=["../include/a.h", "b.c", "/usr/x.h"], version=version, comp_dir=folder))
    expected = {".": ["../include/a.h", "b.c", "/usr/x.h"], "build": ["include/a.h", "build/b.c", "/usr/x.h"]}
    assert files(info)[1:] == expected[folder]


@pytest.mark.parametrize("version", [4, 5])
def test_names_are_those_of_the_file_system(version: int) -> None:
    """Whose bytes are text in most cases, and come back as they were in all."""
    name = os.fsencode("include/größe\udcff.h").decode("latin-1")
    folder = "/home/jürgen".encode().decode("latin-1")
    assert files(read(Unit(files=[name], version=version, comp_dir=folder)))[1:] == [
        "/home/jürgen/include/größe\udcff.h"
    ]


def test_no_file_table() -> None:
    assert files(read(Unit(die("base_type", name="int")))) == []


@pytest.mark.parametrize("version", [4, 5])
def test_a_table_that_is_cut_short(version: int) -> None:
    content = write([Unit(files=["a.h"], version=version, path_form="string")], relocations=False)
    image = Image("x.o", content)
    section = image.section(".debug_line")
    assert section is not None
    header = content.index(b"a.h\0") if version == 4 else content.rindex(b"a.h\0")
    for size in range(header + 4 - section.offset):
        cut = bytearray(content)
        at = _section_header(content, section.index)
        cut[at + 32 : at + 40] = struct.pack("<Q", size)
        info = DebugInfo(Image("x.o", bytes(cut)))
        with pytest.raises(ObjectError, match=r"^x\.o: .* at \.debug_line\+0x"):
            files(info)


def test_a_count_that_no_file_has() -> None:
    content = bytearray(write([Unit(files=["a.h"], path_form="string")], relocations=False))
    at = content.rindex(b"\x02a.h")  # two files
    content[at : at + 5] = b"\xff\xff\xff\xff\x7f"
    with pytest.raises(ObjectError, match=r"^x\.o: claims to have 34359738367 entries at \.debug_line\+0x"):
        files(DebugInfo(Image("x.o", bytes(content))))


def _section_header(content: bytes, number: int) -> int:
    (table,) = struct.unpack_from("<Q", content, 40)
    return int(table) + 64 * number
