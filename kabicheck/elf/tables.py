"""What ELF's tables consist of: sections, symbols, and the numbers that say what these are (System V ABI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

SHT_SYMTAB = 2
SHT_STRTAB = 3
SHT_NOBITS = 8
SHT_SYMTAB_SHNDX = 18
SHF_ALLOC = 0x2
SHF_COMPRESSED = 0x800
SHN_UNDEF = 0
SHN_XINDEX = 0xFFFF
STB_LOCAL = 0
STB_GLOBAL = 1
STT_FUNC = 2
STT_SECTION = 3
STT_GNU_IFUNC = 10


@dataclass(slots=True)  # frozen ones take three times as long to make, and there are many
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
    size: int = 0


def string_at(strings: bytes, offset: int) -> str:
    """A NUL-terminated string, each byte one character, so that encoding it again gives the same bytes."""
    end = strings.find(b"\0", offset)
    return strings[offset : end if end >= 0 else len(strings)].decode("latin-1")
