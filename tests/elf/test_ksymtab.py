"""Tables of exports that do not agree with each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kabicheck.elf.exports import holds_export_table, holds_exports, read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import KabicheckError, ObjectError
from kabicheck.model import Export
from tests.elf_writer import LOCAL, SHT_NOBITS, Section, Symbol, write_elf

NAMES = ("f", "g", "h")
EXPORTS = (Export("f"), Export("g"), Export("h", namespace="USB"))


def _module(*, entry: int = 12, version: int = 4) -> tuple[dict[str, Section], list[Symbol]]:
    """What `ld -r` makes of three exports since Linux 7.0."""
    strings, symbols = b"", []
    for number, name in enumerate(NAMES):
        symbols.append(Symbol(f"__kstrtab_{name}", "__ksymtab_strings", len(strings), LOCAL))
        strings += name.encode() + b"\0"
        symbols.append(Symbol(f"__kstrtabns_{name}", "__ksymtab_strings", len(strings), LOCAL))
        strings += b"USB\0" if name == "h" else b"\0"
        symbols.append(Symbol(f"__ksymtab_{name}", "__ksymtab", entry * number, LOCAL))
        symbols.append(Symbol(f"__flags_{name}", "__kflagstab", number, LOCAL))
    sections = {
        "__ksymtab": Section("__ksymtab", bytes(3 * entry)),
        "__kcrctab": Section("__kcrctab", bytes(3 * version)),
        "__kflagstab": Section("__kflagstab", bytes(3)),
        "__ksymtab_strings": Section("__ksymtab_strings", strings),
    }
    return sections, symbols


def _read(sections: dict[str, Section], symbols: list[Symbol]) -> tuple[Export, ...]:
    image = Image("x.ko", write_elf(list(sections.values()), symbols))
    assert holds_exports(image)
    return read_exports(image)


@pytest.mark.parametrize(("entry", "version"), [(8, 4), (12, 4), (16, 8), (24, 8)])
def test_generations(entry: int, version: int) -> None:
    """Two or three references of four bytes or a pointer each; versions of four bytes, or of a long."""
    assert _read(*_module(entry=entry, version=version)) == EXPORTS


def test_a_lost_label() -> None:
    sections, symbols = _module()
    for lost in NAMES:
        kept = [s for s in symbols if s.name != f"__ksymtab_{lost}"]
        with pytest.raises(
            ObjectError, match=f"x.ko: damaged: there is a name for the export {lost}, but no"
        ):
            _read(sections, kept)
        nameless = [s for s in kept if s.name != f"__kstrtab_{lost}"]
        with pytest.raises(
            ObjectError, match="damaged: 2 labels do not fit a table of 36 bytes at __ksymtab"
        ):
            _read(sections, nameless)
    with pytest.raises(ObjectError, match="4 labels do not fit a table of 36 bytes"):
        _read(sections, [*symbols, Symbol("__ksymtab_more", "__ksymtab", 36)])
    shifted = [replace(s, value=s.value + 4) if s.name == "__ksymtab_g" else s for s in symbols]
    with pytest.raises(ObjectError, match="3 labels do not fit"):
        _read(sections, shifted)


def test_other_tables() -> None:
    for name in ("__kcrctab", "__kflagstab"):
        sections, symbols = _module()
        sections[name] = replace(sections[name], data=sections[name].data[:-1])
        with pytest.raises(ObjectError, match=rf"bytes do not fit the 3 entries of __ksymtab at {name}"):
            _read(sections, symbols)
        sections[name] = replace(sections[name], data=b"")
        assert _read(sections, symbols) == EXPORTS


def test_names() -> None:
    sections, symbols = _module()
    strings = sections["__ksymtab_strings"]
    sections["__ksymtab_strings"] = replace(strings, data=strings.data.replace(b"g", b"q"))
    with pytest.raises(ObjectError, match="the export g is called 'q' in __ksymtab_strings"):
        _read(sections, symbols)


def test_a_renamed_table() -> None:
    """An object before Linux 6.5, whose only table has another name now."""
    symbols = [
        Symbol("__ksymtab_f", "___ksymtaq+f", 0, LOCAL),
        Symbol("__kstrtab_f", "__ksymtab_strings", 0, LOCAL),
    ]
    content = write_elf([Section("___ksymtaq+f", bytes(12)), Section("__ksymtab_strings", b"f\0")], symbols)
    with pytest.raises(ObjectError, match="there is a name for the export f, but no entry in a table"):
        read_exports(Image("x.o", content))
    content = write_elf([Section("___ksymtaq+f", bytes(12)), Section("strings", b"f\0")], symbols[:1])
    assert read_exports(Image("x.o", content)) == ()  # some variable of that name


def test_a_debug_file_has_no_strings() -> None:
    """Its labels are counted."""
    sections, symbols = _module()
    bare = {name: replace(s, type=SHT_NOBITS) for name, s in sections.items()}
    assert _read(bare, symbols) == tuple(replace(e, namespace="") for e in EXPORTS)
    other = [replace(s, name="__ksymtab_x") if s.name == "__ksymtab_f" else s for s in symbols]
    assert {e.name for e in _read(bare, other)} == {"x", "g", "h"}
    with pytest.raises(ObjectError, match="there is a name for the export f, but no entry"):
        _read(bare, [s for s in symbols if s.name != "__ksymtab_f"])


def test_every_bit() -> None:
    """A damaged copy says the same, shows another name or attribute, or is an error; nothing is ever missing."""
    sections, symbols = _module()
    content = write_elf(list(sections.values()), symbols)
    for at in range(len(content)):
        for bit in range(8):
            copy = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
            try:
                image = Image("x.ko", copy)
                found = read_exports(image)
            except KabicheckError:
                continue
            # where all labels are gone it is refused when it is read as a module
            assert len(found) == len(NAMES) or (not found and holds_export_table(image)), (at, bit)
