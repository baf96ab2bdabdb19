"""Exports as every generation of EXPORT_SYMBOL leaves them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.exports import holds_exports, read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import Unsupported
from kabicheck.model import Export
from tests.dwarf_writer import exported
from tests.elf_writer import LOCAL, MACHINES, Section, Symbol, write_elf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("machine", MACHINES)
def test_export_symbol_sections(machine: str) -> None:
    section, labels = exported(
        ("f", "", ""), ("g", "GPL", ""), ("h", "GPL", "CRYPTO"), ("f", "GPL", ""), machine=machine
    )
    content = write_elf([section, Section(".data", bytes(8))], labels, machine=machine)
    assert read_exports(Image("x.o", content)) == (
        Export("f"),
        Export("g", "GPL"),
        Export("h", "GPL", "CRYPTO"),
    )


def test_nothing_exported() -> None:
    content = write_elf([Section(".data", bytes(8))], [Symbol("v", ".data")])
    assert read_exports(Image("x.o", content)) == ()


def test_what_has_yet_to_be_compiled(tmp_path: Path) -> None:
    """Objects of gcc -flto hold their asm() only as text of the compiler's, so that they seem to export nothing."""
    source = b'int f; asm(".section .export_symbol,\\"a\\"; __export_symbol_f: .zero 8; .quad f; .previous");'
    for option, refused in (("-fno-fat-lto-objects", True), ("-ffat-lto-objects", False)):
        file = tmp_path / "f.o"
        subprocess.run(["gcc", "-flto", option, "-x", "c", "-c", "-o", file, "-"], input=source, check=True)
        image = Image(file)
        if refused:
            for look in (read_exports, holds_exports):
                with pytest.raises(Unsupported, match="holds what gcc compiles when it links"):
                    look(image)
        else:
            assert read_exports(image) == (Export("f"),)


@pytest.mark.parametrize("linked", [False, True], ids=["relocatable", "linked"])
def test_ksymtab_sections(linked: bool) -> None:
    """Linux 5.4 to 6.4: licence by section, namespace in __kstrtabns_NAME."""
    base = 0xC0000000 if linked else 0
    sections = [
        Section("__ksymtab", bytes(24), address=base + 0x1000 if linked else 0),
        Section("__ksymtab_gpl", bytes(24)),
        Section("__ksymtab_strings", b"f\0\0g\0USB\0", address=base),
    ]
    symbols = [
        Symbol("__ksymtab_f", "__ksymtab", 0, LOCAL),
        Symbol("__ksymtab_g", "__ksymtab_gpl", 0),
        Symbol("__ksymtab_h", "__ksymtab", 12),
        Symbol("__kstrtabns_f", "__ksymtab_strings", base + 2, LOCAL),
        Symbol("__kstrtabns_g", "__ksymtab_strings", base + 5, LOCAL),
        Symbol("__ksymtab_undefined"),
        Symbol("__ksymtab_in_data", ".data"),
    ]
    content = write_elf([*sections, Section(".data")], symbols, linked=linked)
    assert sorted(read_exports(Image("x.o", content)), key=lambda e: e.name) == [
        Export("f"),
        Export("g", "GPL", "USB"),
        Export("h"),
    ]


def test_a_section_for_each_symbol() -> None:
    """Before modules are linked the sections are called ___ksymtab+NAME and ___ksymtab_gpl+NAME."""
    symbols = [
        Symbol("__ksymtab_f", "___ksymtab+f", 0, LOCAL),
        Symbol("__ksymtab_g_gpl", "___ksymtab+g_gpl", 0, LOCAL),
        Symbol("__ksymtab_h", "___ksymtab_gpl+h", 0, LOCAL),
    ]
    sections = [Section(str(symbol.section), bytes(12)) for symbol in symbols]
    content = write_elf(sections, symbols)
    assert read_exports(Image("x.o", content)) == (Export("f"), Export("g_gpl"), Export("h", "GPL"))


def test_flags() -> None:
    """A linked kernel since 7.0 keeps the licence in __kflagstab."""
    sections = [
        Section("__ksymtab", bytes(24), address=0x1000),
        Section("__kflagstab", b"\0\1\2", address=0x2000),
    ]
    symbols = [
        Symbol(f"__ksymtab_{name}", "__ksymtab", 0x1000 + 8 * n, LOCAL) for n, name in enumerate("fgh")
    ]
    symbols += [Symbol(f"__flags_{name}", "__kflagstab", 0x2000 + n, LOCAL) for n, name in enumerate("fgh")]
    content = write_elf(sections, symbols, linked=True)
    assert read_exports(Image("vmlinux", content)) == (Export("f"), Export("g", "GPL"), Export("h"))
