"""An object file's sections, symbols and relocations.

pyelftools reads the file's header. Tables with many entries (section headers, symbols, relocations) are read here
in bulk, because an object per entry costs more than all the rest of a run.
"""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from kabicheck.elf.content import read_content
from kabicheck.elf.relocations import Relocations
from kabicheck.elf.tables import (
    SHF_ALLOC,
    SHF_COMPRESSED,
    SHN_XINDEX,
    SHT_NOBITS,
    SHT_STRTAB,
    SHT_SYMTAB,
    SHT_SYMTAB_SHNDX,
    Section,
    Symbol,
    string_at,
)
from kabicheck.errors import NotElf, ObjectError, Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kabicheck.elf.content import Content

EHDR_SIZE = 64  # of Elf64_Ehdr; Elf32_Ehdr is shorter
_BITS = {1: 32, 2: 64}  # EI_CLASS
_LITTLE = {1: True, 2: False}  # EI_DATA

_NAME_BYTES = bytes([0, *range(0x20, 0x7F)])  # what names of sections, and the ends of these, are made of
# What clang -flto writes, bare or wrapped (LLVM Bitcode File Format, "Magic Numbers" and "Wrapper")
_BITCODE = (b"BC\xc0\xde", b"\xde\xc0\x17\x0b")
_NO_BITCODE = "LLVM's bitcode: build without link-time optimisation, or compare vmlinux and the modules"
ELFCOMPRESS_ZLIB = 1
ELFCOMPRESS_ZSTD = 2
# A hostile file may claim any size for what a compressed section unpacks to. Real debug sections are packed to a
# third or a tenth; a small one may be more regular.
MAX_COMPRESSION = 32
SMALL_SECTION = 64 << 20


class Image:
    """One ELF file. Raises NotElf or ObjectError with the offset where reading stopped."""

    def __init__(self, path: Path | str, data: Content | None = None) -> None:
        from elftools.common.exceptions import ELFError

        self.path = str(path)
        if data is None:
            data = read_content(path)
        self.data = data
        head = data[:EHDR_SIZE]
        if head[:4] != b"\x7fELF":
            hint = _NO_BITCODE if head[:4] in _BITCODE else ""
            raise NotElf(self.path, "not an ELF file", offset=0, hint=hint)
        try:
            self.little = _LITTLE[head[5]]
            self.bits = _BITS[head[4]]
            header = _parse_header(head, self.little, self.bits)
            self.machine = str(header["e_machine"])
            self.relocatable = bool(header["e_type"] == "ET_REL")
            self._order = "<" if self.little else ">"
            self.sections = self._read_sections(header)
        except (
            ELFError,
            struct.error,
            UnicodeDecodeError,
            ValueError,
            OverflowError,
            AttributeError,
            TypeError,
            LookupError,
        ) as e:
            # pyelftools lets whatever its parser stumbles over through; all of it means the same to us.
            raise NotElf(
                self.path,
                f"the section headers cannot be read ({e or type(e).__name__})",
                offset=_e_shoff(data),
            ) from None
        self._by_name: dict[str, Section] = {}
        for section in self.sections:
            self._by_name.setdefault(section.name, section)
        self._unpacked: dict[int, bytes] = {}
        self._relocations: dict[int, Relocations] = {}

    def _read_sections(self, header: Mapping[str, Any]) -> list[Section]:
        """Elf32_Shdr or Elf64_Shdr, all at once: an object of pyelftools for each costs more than reading DWARF."""
        row = struct.Struct(self._order + ("IIQQQQIIQQ" if self.bits == 64 else "10I"))
        start, count, names = int(header["e_shoff"]), int(header["e_shnum"]), int(header["e_shstrndx"])
        if start and header["e_shentsize"] != row.size:
            raise ValueError(f"a section header has {header['e_shentsize']} bytes")
        if start and (count == 0 or names == SHN_XINDEX):
            # More sections than 16 bits can count: the first header has the numbers (System V ABI, "Sections").
            first = row.unpack(self.data[start : start + row.size])
            count, names = count or first[5], first[6] if names == SHN_XINDEX else names
        if not start or not count:
            raise ValueError("there are none")
        end = start + count * row.size
        if end > len(self.data):
            raise ValueError(f"{count} section headers end at {end:#x}, the file at {len(self.data):#x}")
        rows = list(row.iter_unpack(self.data[start:end]))
        if not 0 < names < count or rows[names][1] != SHT_STRTAB:
            raise ValueError(f"section {names} does not hold their names")
        strings = self.data[rows[names][4] : rows[names][4] + rows[names][5]]
        if max(rows)[0] >= len(strings) or not strings.endswith(b"\0"):
            raise ValueError("a section's name has no end")
        if strings.translate(None, _NAME_BYTES):
            raise ValueError("a section's name holds other than printable characters")
        return [
            Section(index, string_at(strings, name), kind, flags, offset, size, link, info, address)
            for index, (name, kind, flags, address, offset, size, link, info, _, _) in enumerate(rows)
        ]

    def section(self, name: str) -> Section | None:
        """The first section of that name."""
        return self._by_name.get(name)

    def debug_section(self, name: str) -> Section | None:
        """A `.debug_NAME` section, or the old compressed `.zdebug_NAME`."""
        return self._by_name.get(f".debug_{name}") or self._by_name.get(f".zdebug_{name}")

    def contents(self, section: Section) -> bytes:
        """A section's bytes, unpacked where the file holds them compressed."""
        if section.type == SHT_NOBITS:
            return b""
        raw = self._raw(section, 0, section.size)
        if section.flags & SHF_COMPRESSED:
            return self._unpack(section, raw)
        if section.name.startswith(".zdebug_") and raw[:4] == b"ZLIB" and len(raw) >= 12:
            return self._inflate(section, raw[12:], int.from_bytes(raw[4:12], "big"))
        return raw

    def part(self, section: Section, start: int, end: int) -> bytes:
        """Some of a section's bytes, fewer where it ends before; a compressed section is unpacked once and kept."""
        if section.type == SHT_NOBITS:
            return b""
        if section.flags & SHF_COMPRESSED or section.name.startswith(".zdebug_"):
            if section.index not in self._unpacked:
                self._unpacked[section.index] = self.contents(section)
            return self._unpacked[section.index][start:end]
        return self._raw(section, start, min(end, section.size)) if start < section.size else b""

    def _raw(self, section: Section, start: int, end: int) -> bytes:
        raw = self.data[section.offset + start : section.offset + end]
        if len(raw) < end - start:
            size = section.offset + section.size
            raise NotElf(
                self.path,
                f"cut short: section {section.name} ends at {size:#x}, the file at {len(self.data):#x}",
                offset=section.offset,
            )
        return raw

    def size(self, section: Section) -> int:
        """How many bytes of contents a section has, unpacked."""
        if section.flags & SHF_COMPRESSED or section.name.startswith(".zdebug_"):
            self.part(section, 0, 0)
            return len(self._unpacked[section.index])
        return section.size if section.type != SHT_NOBITS else 0

    @cached_property
    def symbols(self) -> list[Symbol]:
        """All symbols but the first (null) one, in file order; empty when the file holds no table."""
        table = self._symbol_table
        if table is None:
            return []
        strings = self.symbol_names().decode("latin-1")
        raw = self.contents(table)
        entry = struct.Struct(self._order + ("IBBHQQ" if self.bits == 64 else "IIIBBH"))
        if len(raw) % entry.size:
            raise ObjectError(self.path, "damaged: the table ends within a symbol", section=table.name)
        rows = entry.iter_unpack(raw)
        if self.bits == 32:
            rows = ((name, info, other, at, value, size) for name, value, size, info, other, at in rows)
        extended = self._extended_indexes()
        symbols: list[Symbol] = []
        add, end = symbols.append, strings.index
        number = -1
        try:
            for number, (name, info, _, at, value, size) in enumerate(rows):
                section = at if at != SHN_XINDEX else extended[number]
                add(Symbol(strings[name : end("\0", name)], info >> 4, info & 15, section, value, size))
        except ValueError:
            problem = f"damaged: the name of symbol {number} has no end"
            raise ObjectError(self.path, problem, section=table.name, offset=number * entry.size) from None
        except IndexError:
            problem = f"damaged: the section of symbol {number} is not known"
            raise ObjectError(self.path, problem, section=table.name, offset=number * entry.size) from None
        return symbols[1:]

    @cached_property
    def _symbol_table(self) -> Section | None:
        tables = [s for s in self.sections if s.type == SHT_SYMTAB]
        if len(tables) > 1:
            raise ObjectError(self.path, "damaged: a second symbol table", section=tables[1].name)
        return tables[0] if tables else None

    def symbol_names(self) -> bytes:
        """The names in the symbol table, each with a NUL behind it; empty when the file holds none."""
        table = self._symbol_table
        if table is None:
            return b""
        strings = self.sections[table.link] if 0 < table.link < len(self.sections) else None
        if strings is None or strings.type != SHT_STRTAB:
            raise ObjectError(self.path, "the symbol table has no string table", section=table.name)
        return self.contents(strings)

    def relocations(self, section: Section) -> Relocations:
        """The relocations of a section of a relocatable file."""
        if section.index not in self._relocations:
            self._relocations[section.index] = Relocations(self, section)
        return self._relocations[section.index]

    def relocated(self, section: Section, start: int = 0, stop: int | None = None) -> dict[int, int]:
        """What a linker would write into a debug section: see `Relocations.values`."""
        return self.relocations(section).values(start, stop)

    def is_loaded(self, symbol: Symbol) -> bool:
        """Whether a symbol is in a section that the program has in memory, or elsewhere."""
        if not 0 < symbol.section < len(self.sections):
            return True
        return bool(self.sections[symbol.section].flags & SHF_ALLOC)

    def _extended_indexes(self) -> tuple[int, ...]:
        table = next((s for s in self.sections if s.type == SHT_SYMTAB_SHNDX), None)
        if table is None:
            return ()
        raw = self.contents(table)
        return struct.unpack_from(f"{self._order}{len(raw) // 4}I", raw)

    def _unpack(self, section: Section, raw: bytes) -> bytes:
        """Elf32_Chdr / Elf64_Chdr and what follows."""
        header = struct.Struct(self._order + ("IIQQ" if self.bits == 64 else "III"))
        if len(raw) < header.size:
            raise ObjectError(self.path, "the compression header is cut short", section=section.name)
        fields = header.unpack_from(raw)
        kind, size = (fields[0], fields[2]) if self.bits == 64 else (fields[0], fields[1])
        body = raw[header.size :]
        if kind == ELFCOMPRESS_ZLIB:
            return self._inflate(section, body, size)
        if kind == ELFCOMPRESS_ZSTD:
            return self._zstd(section, body, size)
        raise Unsupported(self.path, f"compression type {kind} is not known", section=section.name)

    def _bound(self, section: Section, packed: int, size: int) -> None:
        if size > max(SMALL_SECTION, packed * MAX_COMPRESSION):
            raise ObjectError(
                self.path, f"claims to unpack from {packed} to {size} bytes", section=section.name
            )

    def _inflate(self, section: Section, body: bytes, size: int) -> bytes:
        self._bound(section, len(body), size)
        try:
            unpacked = zlib.decompressobj().decompress(body, size + 1)
        except zlib.error as error:
            raise ObjectError(self.path, f"cannot be unpacked ({error})", section=section.name) from None
        if len(unpacked) != size:
            raise ObjectError(
                self.path, f"unpacks to {len(unpacked)} bytes, not to {size}", section=section.name
            )
        return unpacked

    def _zstd(self, section: Section, body: bytes, size: int) -> bytes:
        import zstandard

        self._bound(section, len(body), size)
        try:
            with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(body) as reader:
                unpacked: bytes = reader.read(size + 1)
        except zstandard.ZstdError as error:
            raise ObjectError(self.path, f"cannot be unpacked ({error})", section=section.name) from None
        if len(unpacked) != size:
            raise ObjectError(
                self.path, f"unpacks to {len(unpacked)} bytes, not to {size}", section=section.name
            )
        return unpacked


@cache
def _structures(little: bool, bits: int) -> Any:
    """pyelftools' description of a file header. An ELFFile describes all else too, for each file anew, which takes as
    long as reading ten of them."""
    from elftools.elf.structs import ELFStructs

    structures = ELFStructs(little, bits)
    structures.create_basic_structs()
    return structures


def _parse_header(data: bytes, little: bool, bits: int) -> Mapping[str, Any]:
    from elftools.common.utils import struct_parse

    header: Mapping[str, Any] = struct_parse(_structures(little, bits).Elf_Ehdr, io.BytesIO(data))
    return header


def _e_shoff(data: Content) -> int:
    """Where the file says that its section headers start, for the error message."""
    if len(data) < 64:
        return len(data)
    head = data[0:64]
    wide, order = head[4] == 2, "big" if head[5] == 2 else "little"
    return int.from_bytes(head[40:48] if wide else head[32:36], "big" if order == "big" else "little")
