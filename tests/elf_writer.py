"""Writes ELF files from Python values, without a compiler.

    write_elf([Section(".data", b"1234")], [Symbol("v", ".data", 0)])

Constants are written out here: the tests must not take them from the code that they test.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHT_PROGBITS, SHT_SYMTAB, SHT_STRTAB, SHT_RELA, SHT_NOBITS, SHT_REL, SHT_SYMTAB_SHNDX = 1, 2, 3, 4, 8, 9, 18
SHF_COMPRESSED = 0x800
LOCAL, GLOBAL, WEAK = 0, 1, 2
STT_SECTION = 3
SHN_XINDEX = 0xFFFF
ET_REL, ET_EXEC = 1, 2


@dataclass(frozen=True, slots=True)
class Machine:
    """e_machine, the width of addresses, the byte order, relocation types by the bytes that they write."""

    number: int
    bits: int
    little: bool
    relocations: Mapping[int, int]
    rela: bool = True

    @property
    def order(self) -> str:
        """As in `struct`."""
        return "<" if self.little else ">"


MACHINES = {
    "x86_64": Machine(62, 64, little=True, relocations={4: 10, 8: 1}),  # R_X86_64_32, _64
    "i386": Machine(3, 32, little=True, relocations={4: 1}, rela=False),  # R_386_32
    "arm": Machine(40, 32, little=True, relocations={4: 2}, rela=False),  # R_ARM_ABS32
    "aarch64": Machine(183, 64, little=True, relocations={4: 258, 8: 257}),  # R_AARCH64_ABS32, _ABS64
    "s390x": Machine(22, 64, little=False, relocations={4: 4, 8: 22}),  # R_390_32, _64
    "powerpc": Machine(20, 32, little=False, relocations={4: 1}),  # R_PPC_ADDR32
}


@dataclass(frozen=True, slots=True)
class Relocation:
    """At `at`, `size` bytes become the value of `symbol` (a name, or a section's) plus `addend`.

    type: another one than the machine's absolute relocation of that size.
    """

    at: int
    size: int
    symbol: str
    addend: int = 0
    type: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A section; those of names and symbols are made by `write_elf`."""

    name: str
    data: bytes = b""
    type: int = SHT_PROGBITS
    flags: int = 0
    address: int = 0
    relocations: tuple[Relocation, ...] = ()
    link: int = 0
    info: int = 0
    entry: int = 0


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol. section: a section's name, a number, or None for an undefined one."""

    name: str
    section: str | int | None = None
    value: int = 0
    binding: int = GLOBAL
    type: int = 0


def write_elf(
    sections: Sequence[Section],
    symbols: Sequence[Symbol] = (),
    *,
    machine: str = "x86_64",
    rela: bool | None = None,
    linked: bool = False,
    extended: bool = False,
) -> bytes:
    """An ELF file. rela: the kind of relocation tables, if not the machine's own; linked: not relocatable;
    extended: all section numbers of symbols are behind SHN_XINDEX."""
    kind = MACHINES[machine]
    return _Writer(kind, kind.rela if rela is None else rela, linked, extended).write(sections, symbols)


def compressed(section: Section, kind: str, machine: str = "x86_64") -> Section:
    """A section as compilers compress it. kind: "zlib", "zstd", or "gnu" (a `.zdebug_*` section)."""
    target = MACHINES[machine]
    section = with_addends(section, target)  # harmless where the table has them too
    size = len(section.data)
    if kind == "gnu":
        packed = b"ZLIB" + size.to_bytes(8, "big") + zlib.compress(section.data)
        return replace(section, name=section.name.replace(".debug", ".zdebug"), data=packed)
    return replace(section, data=chdr(target, kind, size) + _pack(kind, section.data), flags=SHF_COMPRESSED)


def with_addends(section: Section, machine: Machine) -> Section:
    """REL tables have no addends; they stand where they are needed (before it is compressed)."""
    if section.flags & SHF_COMPRESSED or section.name.startswith(".zdebug"):
        return section
    data = bytearray(section.data)
    for r in section.relocations:
        data[r.at : r.at + r.size] = r.addend.to_bytes(r.size, "little" if machine.little else "big")
    return replace(section, data=bytes(data))


def chdr(machine: Machine, kind: str, size: int) -> bytes:
    """Elf32_Chdr or Elf64_Chdr."""
    number = {"zlib": 1, "zstd": 2}.get(kind, 77)
    if machine.bits == 64:
        return struct.pack(f"{machine.order}IIQQ", number, 0, size, 1)
    return struct.pack(f"{machine.order}III", number, size, 1)


def _pack(kind: str, data: bytes) -> bytes:
    if kind == "zlib":
        return zlib.compress(data)
    import zstandard  # noqa: PLC0415  few tests need it

    return zstandard.ZstdCompressor().compress(data)


@dataclass
class Pool:
    """A table of strings, each once, with its offset."""

    data: bytearray = field(default_factory=bytearray)
    offsets: dict[str, int] = field(default_factory=dict)

    def add(self, text: str) -> int:
        """The offset of a string."""
        if text not in self.offsets:
            self.offsets[text] = len(self.data)
            self.data += text.encode("latin-1") + b"\0"
        return self.offsets[text]


@dataclass
class Output:
    """A section under construction."""

    name: str
    data: bytearray = field(default_factory=bytearray)
    relocations: list[Relocation] = field(default_factory=list)

    def offset(self, target: str, value: int, size: int) -> None:
        """An offset into another section."""
        self.relocations.append(Relocation(len(self.data), size, target, value))
        self.data += bytes(size)

    def section(self) -> Section:
        """The section as it is now."""
        return Section(self.name, bytes(self.data), relocations=tuple(self.relocations))


def uleb128(value: int, pad: int = 0) -> bytes:
    """An unsigned LEB128 number, of at least `pad` bytes."""
    out = bytearray()
    while value > 0x7F or len(out) + 1 < pad:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def sleb128(value: int) -> bytes:
    """A signed LEB128 number."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value & 0x7F])


class _Writer:
    def __init__(self, machine: Machine, rela: bool, linked: bool, extended: bool) -> None:
        self.machine = machine
        self.wide = machine.bits == 64
        self.rela = rela
        self.linked = linked
        self.extended = extended

    def write(self, sections: Sequence[Section], symbols: Sequence[Symbol]) -> bytes:
        numbers: dict[str, int] = {}
        for number, section in enumerate(sections, 1):
            numbers.setdefault(section.name, number)
        own = [Symbol("", name, binding=LOCAL, type=STT_SECTION) for name in numbers]
        own += [s for s in symbols if s.binding == LOCAL]
        everything = own + [s for s in symbols if s.binding != LOCAL]
        by_name = {s.name: n for n, s in enumerate(everything, 1) if s.name}
        for number, symbol in enumerate(own, 1):
            if symbol.type == STT_SECTION:
                by_name[str(symbol.section).replace(".zdebug", ".debug")] = number

        tables = [(n, s) for n, s in enumerate(sections, 1) if s.relocations]
        symtab = len(sections) + len(tables) + 1
        made = [section if self.rela else with_addends(section, self.machine) for section in sections]
        made += [self._relocations(section, number, symtab, by_name) for number, section in tables]
        made += self._symbols(everything, numbers, symtab, len(own) + 1)
        return self._file(made)

    def _relocations(self, section: Section, number: int, symtab: int, symbols: Mapping[str, int]) -> Section:
        word = "Q" if self.wide else "I"
        entries = bytearray()
        for r in section.relocations:
            kind = self.machine.relocations[r.size] if r.type is None else r.type
            symbol = symbols[r.symbol] if r.symbol else 0
            info = symbol << 32 | kind if self.wide else symbol << 8 | kind
            entries += struct.pack(f"{self.machine.order}{word}{word}", r.at, info)
            if self.rela:
                entries += struct.pack(f"{self.machine.order}{word.lower()}", r.addend)
        prefix, kind = (".rela", SHT_RELA) if self.rela else (".rel", SHT_REL)
        size = (3 if self.rela else 2) * (8 if self.wide else 4)
        return Section(prefix + section.name, bytes(entries), kind, link=symtab, info=number, entry=size)

    def _symbols(
        self, symbols: Sequence[Symbol], sections: Mapping[str, int], symtab: int, first_global: int
    ) -> list[Section]:
        names = Pool()
        names.add("")
        table = bytearray(24 if self.wide else 16)
        extended = [0]
        for symbol in symbols:
            number = sections[symbol.section] if isinstance(symbol.section, str) else symbol.section or 0
            behind = self.extended and 0 < number < 0xFF00
            extended.append(number if behind else 0)
            number = SHN_XINDEX if behind else number
            name, info = names.add(symbol.name), symbol.binding << 4 | symbol.type
            if self.wide:
                table += struct.pack(f"{self.machine.order}IBBHQQ", name, info, 0, number, symbol.value, 0)
            else:
                table += struct.pack(f"{self.machine.order}IIIBBH", name, symbol.value, 0, info, 0, number)
        entry = 24 if self.wide else 16
        made = [
            Section(".symtab", bytes(table), SHT_SYMTAB, link=symtab + 1, info=first_global, entry=entry),
            Section(".strtab", bytes(names.data), SHT_STRTAB),
        ]
        if self.extended:
            indexes = struct.pack(f"{self.machine.order}{len(extended)}I", *extended)
            made.append(Section(".symtab_shndx", indexes, SHT_SYMTAB_SHNDX, link=symtab, entry=4))
        return made

    def _file(self, sections: list[Section]) -> bytes:
        """Header, contents, section headers."""
        names = Pool()
        names.add("")
        for section in sections:
            names.add(section.name)
        names.add(".shstrtab")
        sections = [*sections, Section(".shstrtab", bytes(names.data), SHT_STRTAB)]
        word = "Q" if self.wide else "I"
        header_size, entry_size = (64, 64) if self.wide else (52, 40)
        body = bytearray(header_size)
        headers = bytearray(entry_size)
        for section in sections:
            body += bytes(-len(body) % 8)
            headers += struct.pack(
                f"{self.machine.order}II{word * 4}II{word * 2}",
                names.add(section.name), section.type, section.flags, section.address, len(body),
                len(section.data), section.link, section.info, 1, section.entry,
            )  # fmt: skip
            if section.type != SHT_NOBITS:
                body += section.data
        body += bytes(-len(body) % 8)
        ident = b"\x7fELF" + bytes([2 if self.wide else 1, 1 if self.machine.little else 2, 1])
        body[:header_size] = ident.ljust(16, b"\0") + struct.pack(
            f"{self.machine.order}HHI{word * 3}IHHHHHH",
            ET_EXEC if self.linked else ET_REL, self.machine.number, 1, 0, 0, len(body),
            0, header_size, 0, 0, entry_size, len(sections) + 1, len(sections),
        )  # fmt: skip
        return bytes(body + headers)
