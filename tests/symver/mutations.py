"""Broken copies of a real object file: each kind of damage that a hostile or cut file may have.

A mutation is drawn from a `random.Random`, so that a seed names it.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

RULES = ".discard.gendwarfksyms.kabi_rules"
_WILD = (0, 1, 2, 3, 7, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFEF, 0xFFFFFFF0, 0xFFFFFFFF)


@dataclass(frozen=True, slots=True)
class Section:
    """Where a section lies in the file, and where its header does."""

    name: str
    offset: int
    size: int
    header: int


class Original:
    """A sound object file, and what its mutations need to know of it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        elf = ELFFile(io.BytesIO(content))
        self.order = "<" if elf.little_endian else ">"
        self.wide = elf.elfclass == 64
        self.sections = [
            Section(
                section.name,
                section["sh_offset"],
                0 if section["sh_type"] == "SHT_NOBITS" else section["sh_size"],
                elf["e_shoff"] + number * elf["e_shentsize"],
            )
            for number, section in enumerate(elf.iter_sections())
        ]
        self.header_size = elf["e_shentsize"]
        self.globals = sorted(
            {
                symbol.name
                for section in elf.iter_sections()
                if isinstance(section, SymbolTableSection)
                for symbol in section.iter_symbols()
                if symbol.name and symbol["st_info"]["bind"] != "STB_LOCAL"
            }
        )
        dwarf = elf.get_dwarf_info()
        self.dies = [die.offset for unit in dwarf.iter_CUs() for die in unit.iter_DIEs() if die.tag]

    def section(self, rng: Random, *names: str) -> Section:
        """One of the named sections that hold something, or any."""
        filled = [section for section in self.sections if section.size]
        return rng.choice([s for s in filled if s.name in names] or filled)

    def boundaries(self) -> list[int]:
        """Every offset at which a section starts or ends, one less and one more."""
        edges = {edge for s in self.sections for edge in (s.offset, s.offset + s.size, s.header)}
        return sorted({min(max(edge + d, 0), len(self.content)) for edge in edges for d in (-1, 0, 1)})


def mutate(original: Original, rng: Random) -> tuple[str, bytes]:
    """One broken copy, and the kind of damage."""
    kind = rng.choice(MUTATIONS)
    content = bytearray(original.content)
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        kind(original, content, rng)
        if not content:
            break
    return kind.__name__, bytes(content)


def _word(original: Original, content: bytearray, at: int, value: int, size: int = 4) -> None:
    code = {1: "B", 2: "H", 4: "I", 8: "Q"}[size]
    if 0 <= at <= len(content) - size:
        struct.pack_into(original.order + code, content, at, value & ((1 << 8 * size) - 1))


def _any_value(rng: Random) -> int:
    return rng.choice(_WILD) if rng.random() < 0.5 else rng.getrandbits(rng.choice((8, 16, 32, 64)))


def flip_bytes(original: Original, content: bytearray, rng: Random) -> None:
    """Random bytes anywhere, mostly in debug information."""
    section = original.section(rng, *(s.name for s in original.sections if "debug" in s.name))
    if rng.random() < 0.2:
        section = Section("", 0, len(content), 0)
    for _ in range(rng.randint(1, 8)):
        at = section.offset + rng.randrange(section.size)
        if at < len(content):
            content[at] = rng.randrange(256) if rng.random() < 0.5 else content[at] ^ (1 << rng.randrange(8))


def truncate(original: Original, content: bytearray, rng: Random) -> None:
    """The file ends early."""
    del content[rng.choice(original.boundaries()) if rng.random() < 0.5 else rng.randrange(len(content)) :]


def wild_words(original: Original, content: bytearray, rng: Random) -> None:
    """Lengths, offsets and counts: any aligned word of any section becomes an extreme value."""
    section = original.section(rng)
    size = rng.choice((1, 2, 4, 4, 8))
    _word(original, content, section.offset + rng.randrange(section.size), _any_value(rng), size)


def unit_headers(original: Original, content: bytearray, rng: Random) -> None:
    """The first bytes of the sections that start with a length and a version."""
    section = original.section(rng, ".debug_info", ".debug_line", ".debug_str_offsets", ".debug_addr")
    _word(original, content, section.offset + rng.randrange(24), _any_value(rng), rng.choice((1, 2, 4, 8)))


def reference_loops(original: Original, content: bytearray, rng: Random) -> None:
    """References and siblings point at other DIEs, so that types contain themselves."""
    section = original.section(rng, ".debug_info")
    for _ in range(rng.choice((1, 4, 20))):
        at = section.offset + rng.randrange(section.size)
        _word(original, content, at, rng.choice(original.dies), rng.choice((4, 4, 2)))


def abbreviations(original: Original, content: bytearray, rng: Random) -> None:
    """Tags, attributes, forms and children flags become others."""
    section = original.section(rng, ".debug_abbrev")
    for _ in range(rng.randint(1, 6)):
        at = section.offset + rng.randrange(section.size)
        if at < len(content):
            content[at] = rng.choice((0, 0x80, 0xFF, rng.randrange(0x4F), rng.randrange(256)))


def section_headers(original: Original, content: bytearray, rng: Random) -> None:
    """Type, flags (compressed), offset, size, link, info and entry size of a section."""
    section = original.section(rng)
    at = section.header + rng.choice(range(0, original.header_size, 4))
    _word(original, content, at, _any_value(rng), rng.choice((4, 8) if original.wide else (4,)))


def file_header(original: Original, content: bytearray, rng: Random) -> None:
    """Class, byte order, machine, section table and its counts."""
    _word(original, content, rng.randrange(64), _any_value(rng), rng.choice((1, 2, 4)))


def relocations(original: Original, content: bytearray, rng: Random) -> None:
    """Where, against what, of which type, plus what."""
    names = [s.name for s in original.sections if s.name.startswith(".rel") and "debug" in s.name]
    section = original.section(rng, *names)
    for _ in range(rng.randint(1, 4)):
        at = section.offset + rng.randrange(0, section.size, 4)
        _word(original, content, at, _any_value(rng), rng.choice((4, 8)))


def symbols(original: Original, content: bytearray, rng: Random) -> None:
    """Names, values and section numbers of the symbol table."""
    section = original.section(rng, ".symtab", ".strtab", ".symtab_shndx", ".export_symbol")
    _word(
        original,
        content,
        section.offset + rng.randrange(0, section.size),
        _any_value(rng),
        rng.choice((1, 2, 4, 8)),
    )


def rule_section(original: Original, content: bytearray, rng: Random) -> None:
    """kABI rules: other versions, kinds and numbers, and lost terminators."""
    section = original.section(rng, RULES)
    for _ in range(rng.randint(1, 3)):
        at = section.offset + rng.randrange(section.size)
        if at < len(content):
            content[at] = rng.choice((0, 0xFF, ord("1"), ord("#"), ord("'"), rng.randrange(256)))


def strings(original: Original, content: bytearray, rng: Random) -> None:
    """Names with control bytes, invalid UTF-8, or without an end."""
    section = original.section(rng, ".debug_str", ".debug_line_str", ".strtab", ".shstrtab")
    start = section.offset + rng.randrange(section.size)
    for at in range(start, min(start + rng.choice((1, 4, section.size)), section.offset + section.size)):
        if at < len(content):
            content[at] = rng.choice((0x1B, 0x80, 0xFF, 0x0A, 0x20, ord("#")))


def moved_blocks(original: Original, content: bytearray, rng: Random) -> None:
    """A stretch of bytes is removed, doubled, or overwritten with another."""
    length = rng.choice((1, 4, 64, 1000))
    a, b = rng.randrange(len(content)), rng.randrange(len(content))
    match rng.randrange(3):
        case 0:
            del content[a : a + length]
        case 1:
            content[a:a] = content[b : b + length]
        case _:
            content[a : a + length] = content[b : b + length]


MUTATIONS: tuple[Callable[[Original, bytearray, Random], None], ...] = (
    flip_bytes,
    flip_bytes,
    truncate,
    wild_words,
    unit_headers,
    reference_loops,
    reference_loops,
    abbreviations,
    abbreviations,
    section_headers,
    file_header,
    relocations,
    symbols,
    rule_section,
    strings,
    moved_blocks,
)
