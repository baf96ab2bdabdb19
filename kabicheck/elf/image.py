"""An object file's sections, symbols and relocations.

pyelftools reads the file's header. Tables with many entries (section headers, symbols, relocations) are read here
in bulk, because an object per entry costs more than all the rest of a run.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.errors import NotElf, ObjectError, Unsupported

if TYPE_CHECKING:
    from pathlib import Path

SHT_SYMTAB = 2
SHT_RELA = 4
SHT_NOBITS = 8
SHT_REL = 9
SHT_SYMTAB_SHNDX = 18
SHF_ALLOC = 0x2
SHF_COMPRESSED = 0x800
SHN_UNDEF = 0
SHN_LORESERVE = 0xFF00
SHN_XINDEX = 0xFFFF
STB_LOCAL = 0
STB_GLOBAL = 1
STT_SECTION = 3
STT_GNU_IFUNC = 10

ELFCOMPRESS_ZLIB = 1
ELFCOMPRESS_ZSTD = 2
# A hostile file may claim any size for what a compressed section unpacks to. Real debug sections are packed to a
# third or a tenth; a small one may be more regular.
MAX_COMPRESSION = 32
SMALL_SECTION = 64 << 20

# Relocations that write "symbol + addend" as it is, by e_machine: what elfutils' backends call simple types.
ABSOLUTE_RELOCATIONS: dict[str, frozenset[int]] = {
    "EM_X86_64": frozenset({1, 10, 11}),  # R_X86_64_64, _32, _32S
    "EM_386": frozenset({1}),  # R_386_32
    "EM_AARCH64": frozenset({257, 258}),  # R_AARCH64_ABS64, _ABS32
    "EM_ARM": frozenset({2}),  # R_ARM_ABS32
    "EM_S390": frozenset({4, 22}),  # R_390_32, _64
    "EM_PPC64": frozenset({1, 38}),  # R_PPC64_ADDR32, _ADDR64
    "EM_PPC": frozenset({1}),  # R_PPC_ADDR32
    "EM_RISCV": frozenset({1, 2}),  # R_RISCV_32, _64
    "EM_LOONGARCH": frozenset({1, 2}),  # R_LARCH_32, _64
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section header. offset and size are in bytes of the file; link and info as in ELF."""

    index: int
    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int
    address: int


class Symbol(NamedTuple):
    """A symbol. section is the real index, also behind SHN_XINDEX; reserved indexes stay as they are."""

    name: str
    binding: int
    type: int
    section: int
    value: int


class Image:
    """One ELF file, read whole. Raises NotElf or ObjectError with the offset where reading stopped."""

    def __init__(self, path: Path | str, data: bytes | None = None) -> None:
        from elftools.common.exceptions import ELFError
        from elftools.elf.elffile import ELFFile

        self.path = str(path)
        if data is None:
            data = _read(path)
        self.data = data
        if data[:4] != b"\x7fELF":
            raise NotElf(self.path, "not an ELF file", offset=0)
        try:
            elf = ELFFile(io.BytesIO(data))
            self.machine: str = str(elf.header.e_machine)
            self.relocatable: bool = elf.header.e_type == "ET_REL"
            self.little: bool = bool(elf.little_endian)
            self.bits: int = int(elf.elfclass)
            # Both know about more sections than 16 bits can count.
            count, names = elf.num_sections(), elf.get_shstrndx()
            self._order = "<" if self.little else ">"
            self.sections = self._read_sections(elf.header.e_shoff, count, names)
        except (
            ELFError,
            struct.error,
            UnicodeDecodeError,
            ValueError,
            OverflowError,
            AttributeError,
            TypeError,
            KeyError,
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

    def _read_sections(self, start: int, count: int, names: int) -> list[Section]:
        """Elf32_Shdr or Elf64_Shdr, all at once: an object of pyelftools for each costs more than reading DWARF."""
        header = struct.Struct(self._order + ("IIQQQQIIQQ" if self.bits == 64 else "10I"))
        end = start + count * header.size
        if count and end > len(self.data):
            raise ValueError(f"{count} section headers end at {end:#x}, the file at {len(self.data):#x}")
        rows = list(header.iter_unpack(self.data[start:end])) if count else []
        strings = b""
        if 0 < names < len(rows):
            strings = self.data[rows[names][4] : rows[names][4] + rows[names][5]]
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
        end = section.offset + section.size
        if end > len(self.data):
            raise NotElf(
                self.path,
                f"cut short: section {section.name} ends at {end:#x}, the file at {len(self.data):#x}",
                offset=section.offset,
            )
        raw = self.data[section.offset : end]
        if section.flags & SHF_COMPRESSED:
            return self._unpack(section, raw)
        if section.name.startswith(".zdebug_") and raw[:4] == b"ZLIB" and len(raw) >= 12:
            return self._inflate(section, raw[12:], int.from_bytes(raw[4:12], "big"))
        return raw

    @cached_property
    def symbols(self) -> list[Symbol]:
        """All symbols but the first (null) one, in file order; empty when the file holds no table."""
        table = next((s for s in self.sections if s.type == SHT_SYMTAB), None)
        if table is None:
            return []
        if not 0 <= table.link < len(self.sections):
            raise ObjectError(self.path, "the symbol table has no string table", section=table.name)
        strings = self.contents(self.sections[table.link])
        raw = self.contents(table)
        entry = struct.Struct(self._order + ("IBBHQQ" if self.bits == 64 else "IIIBBH"))
        raw = raw[: len(raw) - len(raw) % entry.size]
        extended = self._extended_indexes()
        symbols: list[Symbol] = []
        wide = self.bits == 64
        for number, fields in enumerate(entry.iter_unpack(raw)):
            if number == 0:
                continue
            if wide:
                name, info, _other, section, value, _size = fields
            else:
                name, value, _size, info, _other, section = fields
            if section == SHN_XINDEX:
                section = extended[number] if number < len(extended) else SHN_UNDEF
            symbols.append(Symbol(string_at(strings, name), info >> 4, info & 15, section, value))
        return symbols

    def relocated(self, section: Section) -> dict[int, int]:
        """What a linker would write into a debug section: offset → value, for references to debug sections.

        In a relocatable file these sections start at 0, so a value is the symbol's plus the addend. Relocations
        of other kinds (differences of addresses) are left out, and addresses of the program stay as they are;
        nothing that a version depends on uses them.
        """
        values: dict[int, int] = {}
        for table in self.sections:
            if table.info == section.index and table.type in (SHT_RELA, SHT_REL):
                values.update(self._apply(section, table))
        return values

    def _apply(self, section: Section, table: Section) -> dict[int, int]:
        absolute = ABSOLUTE_RELOCATIONS.get(self.machine)
        if absolute is None:
            raise Unsupported(self.path, f"relocations of machine {self.machine} are not known")
        explicit = table.type == SHT_RELA
        width = 3 if explicit else 2
        word = "Q" if self.bits == 64 else "I"
        size = (8 if self.bits == 64 else 4) * width
        raw = self.contents(table)
        count = len(raw) // size
        flat = struct.unpack_from(f"{self._order}{count * width}{word}", raw)
        offsets, infos = flat[0::width], flat[1::width]
        addends = flat[2::3] if explicit else self._implicit_addends(section, offsets)
        bases = self._bases(set(infos), absolute)
        values = dict(zip(offsets, addends, strict=True))
        others = {info: base for info, base in bases.items() if base != 0}
        if others:
            mask = (1 << self.bits) - 1
            for offset, info, addend in zip(offsets, infos, addends, strict=True):
                if info in others:
                    base = others[info]
                    if base is None:
                        values.pop(offset, None)
                    else:
                        values[offset] = (base + addend) & mask
        return values

    def _bases(self, infos: set[int], absolute: frozenset[int]) -> dict[int, int | None]:
        """r_info → the symbol's value, or None where the relocation is not an absolute one."""
        symbols = self.symbols if infos else []
        split = 32 if self.bits == 64 else 8
        bases: dict[int, int | None] = {}
        for info in infos:
            number, kind = info >> split, info & ((1 << split) - 1)
            if number > len(symbols):
                raise ObjectError(self.path, f"a relocation names symbol {number}, which does not exist")
            symbol = symbols[number - 1] if number else None
            if symbol is not None and self._is_loaded(symbol):
                bases[info] = 0  # an address in the program, which nobody here asks for
            else:
                bases[info] = None if kind not in absolute else symbol.value if symbol else 0
        return bases

    def _is_loaded(self, symbol: Symbol) -> bool:
        """Whether a symbol is in a section that the program has in memory, or elsewhere."""
        if not 0 < symbol.section < len(self.sections):
            return True
        return bool(self.sections[symbol.section].flags & SHF_ALLOC)

    def _implicit_addends(self, section: Section, offsets: tuple[int, ...]) -> tuple[int, ...]:
        """REL tables keep the addend in the place that they change; debug offsets there are 4 bytes wide."""
        data = self.contents(section)
        read = struct.Struct(self._order + "I").unpack_from
        return tuple(read(data, o)[0] if o + 4 <= len(data) else 0 for o in offsets)

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


def string_at(strings: bytes, offset: int) -> str:
    """A NUL-terminated string, each byte one character, so that encoding it again gives the same bytes."""
    end = strings.find(b"\0", offset)
    return strings[offset : end if end >= 0 else len(strings)].decode("latin-1")


def _e_shoff(data: bytes) -> int:
    """Where the file says that its section headers start, for the error message."""
    if len(data) < 64:
        return len(data)
    wide, order = data[4] == 2, "big" if data[5] == 2 else "little"
    return int.from_bytes(data[40:48] if wide else data[32:36], "big" if order == "big" else "little")


def _read(path: Path | str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123  path may be a string
            return file.read()
    except OSError as error:
        raise ObjectError(path, f"cannot be read ({error.strerror})") from None
