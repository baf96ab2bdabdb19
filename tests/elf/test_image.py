"""Sections, symbols and relocations of files made for the purpose."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.image import Image
from kabicheck.errors import NotElf, ObjectError, Unsupported
from tests.elf_writer import (
    LOCAL,
    MACHINES,
    SHF_COMPRESSED,
    SHT_NOBITS,
    WEAK,
    Relocation,
    Section,
    Symbol,
    chdr,
    compressed,
    write_elf,
)

if TYPE_CHECKING:
    from pathlib import Path

every_machine = pytest.mark.parametrize("machine", MACHINES)


def image(
    *sections: Section,
    symbols: tuple[Symbol, ...] = (),
    machine: str = "x86_64",
    rela: bool | None = None,
    linked: bool = False,
    extended: bool = False,
) -> Image:
    """What is read of a file with these sections."""
    content = write_elf(sections, symbols, machine=machine, rela=rela, linked=linked, extended=extended)
    return Image("x.o", content)


def contents(read: Image, name: str) -> bytes:
    section = read.section(name)
    assert section is not None
    return read.contents(section)


@every_machine
def test_sections(machine: str) -> None:
    read = image(
        Section(".a", b"first"), Section(".b", b"\xff" * 9), Section(".a", b"second"), machine=machine
    )
    assert (read.bits, read.little) == (MACHINES[machine].bits, MACHINES[machine].little)
    assert read.relocatable
    assert [section.name for section in read.sections[:4]] == ["", ".a", ".b", ".a"]
    assert contents(read, ".a") == b"first"
    assert contents(read, ".b") == b"\xff" * 9
    assert read.section(".c") is None
    assert not image(machine=machine, linked=True).relocatable


def test_a_section_without_bits_holds_nothing() -> None:
    assert contents(image(Section(".bss", b"x" * 100, SHT_NOBITS)), ".bss") == b""


@every_machine
@pytest.mark.parametrize("extended", [False, True], ids=["short", "extended"])
def test_symbols(machine: str, extended: bool) -> None:
    symbols = (
        Symbol("here", ".data", 0x40),
        Symbol("weak", ".text", 8, binding=WEAK, type=2),
        Symbol("local", ".text", 4, binding=LOCAL),
        Symbol("elsewhere"),
        Symbol("absolute", 0xFFF1, 77),
        Symbol("caf\xe9", ".data"),
    )
    read = image(
        Section(".text"), Section(".data"), symbols=symbols, machine=machine, extended=extended
    ).symbols
    found = {symbol.name: symbol[1:5] for symbol in read if symbol.name}
    assert found == {
        "local": (0, 0, 1, 4),
        "here": (1, 0, 2, 0x40),
        "weak": (2, 2, 1, 8),
        "elsewhere": (1, 0, 0, 0),
        "absolute": (1, 0, 0xFFF1, 77),
        "caf\xe9": (1, 0, 2, 0),
    }


def test_no_symbol_table() -> None:
    content = bytearray(write_elf([Section(".data", b"1")], [Symbol("v", ".data")]))
    at = _header(content, 2)  # .symtab
    content[at + 4 : at + 8] = struct.pack("<I", 1)  # SHT_PROGBITS
    assert Image("x.o", bytes(content)).symbols == []


@every_machine
@pytest.mark.parametrize("rela", [True, False], ids=["rela", "rel"])
def test_relocations(machine: str, rela: bool) -> None:
    kind = MACHINES[machine]
    other = 8 if kind.bits == 64 else 4
    entries = (
        Relocation(0, 4, ".debug_str", 0x123),
        Relocation(8, 4, "far", 5),
        Relocation(16, other, ".debug_str", 7) if rela else Relocation(16, 4, ".debug_str", 7),
        Relocation(24, 4, "", 9),  # against no symbol
        Relocation(32, 4, ".debug_str", 1, type=200),  # not an absolute one
    )
    read = image(
        Section(".debug_info", bytes(40), relocations=entries),
        Section(".debug_str", bytes(8)),
        Section(".data"),
        symbols=(Symbol("far", ".data", 0x1000),),
        machine=machine,
        rela=rela,
    )
    section = read.section(".debug_info")
    assert section is not None
    assert read.relocated(section) == {0: 0x123, 8: 0x1005, 16: 7, 24: 9}
    plain = read.section(".debug_str")
    assert plain is not None
    assert read.relocated(plain) == {}


def test_a_negative_addend_wraps() -> None:
    read = image(
        Section(".debug_info", bytes(8), relocations=(Relocation(0, 8, "v", -4),)),
        Section(".data"),
        symbols=(Symbol("v", ".data", 2),),
    )
    assert read.relocated(read.sections[1]) == {0: (1 << 64) - 2}


def test_a_relocation_against_a_symbol_that_does_not_exist() -> None:
    content = bytearray(
        write_elf([Section(".debug_info", bytes(8), relocations=(Relocation(0, 4, ".debug_info"),))])
    )
    read = Image("x.o", bytes(content))
    table = next(section for section in read.sections if section.name == ".rela.debug_info")
    content[table.offset + 12 : table.offset + 16] = struct.pack("<I", 999)
    with pytest.raises(ObjectError, match=r"^x\.o: a relocation names symbol 999"):
        Image("x.o", bytes(content)).relocated(read.sections[1])


def test_a_machine_whose_relocations_are_not_known() -> None:
    content = bytearray(
        write_elf([Section(".debug_info", bytes(8), relocations=(Relocation(0, 4, ".debug_info"),))])
    )
    content[18:20] = struct.pack("<H", 8)  # EM_MIPS
    read = Image("x.o", bytes(content))
    with pytest.raises(Unsupported, match="EM_MIPS"):
        read.relocated(read.sections[1])


@every_machine
@pytest.mark.parametrize("kind", ["zlib", "zstd", "gnu"])
def test_compressed_sections(machine: str, kind: str) -> None:
    data = b"many words, many words, " * 100
    read = image(compressed(Section(".debug_str", data), kind, machine), machine=machine)
    section = read.debug_section("str")
    assert section is not None
    assert section.size < len(data) / 4
    assert read.contents(section) == data


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1 << 40, "claims to unpack from"),
        ((1 << 32) + 1, "claims to unpack from"),
        (1 << 28, "claims to unpack from"),
        (99, "not to 99"),
        (101, "not to 101"),
    ],
)
@pytest.mark.parametrize("kind", ["zlib", "zstd", "gnu"])
def test_wrong_sizes_of_compressed_sections(kind: str, size: int, words: str) -> None:
    """A header's claim is no reason to give out memory."""
    packed = compressed(Section(".debug_str", bytes(100)), kind)
    data = bytearray(packed.data)
    data[4:12] = size.to_bytes(8, "big") if kind == "gnu" else data[4:12]
    if kind != "gnu":
        data[8:16] = size.to_bytes(8, "little")
    read = image(Section(packed.name, bytes(data), flags=packed.flags))
    with pytest.raises(ObjectError, match=rf"^x\.o: .*{words}.* at {packed.name}$"):
        read.contents(read.sections[1])


@pytest.mark.parametrize("kind", ["zlib", "zstd", "gnu"])
def test_rubbish_in_compressed_sections(kind: str) -> None:
    packed = compressed(Section(".debug_str", bytes(100)), kind)
    header = 12 if kind == "gnu" else 24
    for data in (packed.data[:header] + b"rubbish", packed.data[:-6]):
        read = image(Section(packed.name, data, flags=packed.flags))
        with pytest.raises(ObjectError, match=r"^x\.o: .*\.z?debug_str"):
            read.contents(read.sections[1])


def test_a_compression_that_is_not_known() -> None:
    data = chdr(MACHINES["x86_64"], "lzma", 100) + zlib.compress(bytes(100))
    read = image(Section(".debug_str", data, flags=SHF_COMPRESSED))
    with pytest.raises(Unsupported, match=r"compression type 77 is not known at \.debug_str"):
        read.contents(read.sections[1])
    read = image(Section(".debug_str", data[:10], flags=SHF_COMPRESSED))
    with pytest.raises(ObjectError, match=r"compression header is cut short at \.debug_str"):
        read.contents(read.sections[1])


@pytest.mark.parametrize("content", [b"", b"\x7fEL", b"#!/bin/sh\n", b"!<arch>\n", b"BC\xc0\xde" * 30])
def test_not_elf(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(content)
    with pytest.raises(NotElf, match="not an ELF file at offset 0x0") as caught:
        Image(path)
    assert str(path) in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "absent.o", "No such file"), (tmp_path, "Is a directory")):
        with pytest.raises(ObjectError, match=reason) as caught:
            Image(path)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize("machine", ["x86_64", "powerpc"])
def test_cut_short_anywhere(machine: str) -> None:
    """Section headers come last, so every cut loses some of them: an error with its place, never a guess."""
    content = write_elf(
        [Section(".data", b"1234"), Section(".debug_str", b"x\0")], [Symbol("v", ".data")], machine=machine
    )
    assert Image("x.o", content).symbols
    for size in range(len(content)):
        with pytest.raises(NotElf, match=r"^x\.o: .* at offset 0x"):
            Image("x.o", content[:size])


def test_a_section_beyond_the_end() -> None:
    content = bytearray(write_elf([Section(".data", b"1234")]))
    at = _header(content, 1)
    content[at + 32 : at + 40] = struct.pack("<Q", 1 << 40)
    read = Image("x.o", bytes(content))
    with pytest.raises(NotElf, match=r"^x\.o: cut short: section \.data ends at 0x1.* at offset 0x40$"):
        contents(read, ".data")


def _header(content: bytearray, number: int) -> int:
    """Where a section's header is, in a 64-bit little-endian file."""
    (table,) = struct.unpack_from("<Q", content, 40)
    return int(table) + 64 * number
