"""The debug information of one file: its sections, and the headers of its units (DWARF 5, section 7.5.1)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kabicheck.dwarf.abbrev import Abbreviation, MalformedAbbreviations, read_table
from kabicheck.dwarf.constants import (
    UT_COMPILE,
    UT_PARTIAL,
    UT_SKELETON,
    UT_SPLIT_COMPILE,
    UT_SPLIT_TYPE,
    UT_TYPE,
)
from kabicheck.elf.tables import SHT_NOBITS, string_at
from kabicheck.errors import NoDebugInfo, ObjectError, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.elf.image import Image
    from kabicheck.elf.tables import Section, Symbol


class Unit(NamedTuple):
    """A unit's header.

    start, root, end: offsets in .debug_info, of the header, of the unit DIE, and behind the unit.
    version: of DWARF.
    address_size: in bytes.
    offset_size: 4 in 32-bit DWARF, 8 in 64-bit DWARF.
    abbreviations: code → shape.
    """

    start: int
    root: int
    end: int
    version: int
    address_size: int
    offset_size: int
    abbreviations: dict[int, Abbreviation]


class Strings(dict[int, str]):
    """Strings of a section by offset, read on first use. One character is one byte."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data
        self._mentioned: dict[bytes, bool] = {}

    def mention(self, sought: bytes) -> bool:
        """Whether any of the strings contains this one; found out once, as the units of a linked file all ask."""
        if sought not in self._mentioned:
            self._mentioned[sought] = sought in self.data
        return self._mentioned[sought]

    def __missing__(self, offset: int) -> str:
        if not 0 <= offset < len(self.data):
            raise IndexError(f"string offset {offset:#x} is outside the section")
        text = self[offset] = string_at(self.data, offset)
        return text


class UnitFile(Protocol):
    """What a unit refers to in its file.

    path: the file's.
    image: the file.
    little: whether it is little-endian.
    strings: of .debug_str.
    line_strings: of .debug_line_str.
    """

    @property
    def path(self) -> str: ...
    @property
    def image(self) -> Image: ...
    @property
    def little(self) -> bool: ...
    @property
    def strings(self) -> Strings: ...
    @property
    def line_strings(self) -> Strings: ...
    @property
    def other_strings(self) -> Strings:
        """Those of the supplementary file's .debug_str (DW_FORM_strp_sup). Raises ObjectError where that is not there,
        IndexError where there can be none.
        """
        ...

    def here(self, offset: int) -> int:
        """What DW_FORM_ref_addr refers to, as an offset in `DebugInfo.data`. Raises ObjectError."""
        ...

    def there(self, offset: int) -> int:
        """The same of DW_FORM_ref_sup4, which refers to the supplementary file."""
        ...


class DebugInfo:
    """The `.debug_*` sections of an image that symbol versions depend on, with relocations looked up by place.

    Raises NoDebugInfo where there is none, ObjectError where a unit's header makes no sense.

    relocated: offset in .debug_info → the value that belongs there; empty for a linked file, whose sections are final.
    base: what to add to offsets for an error message.
    """

    base = 0

    def __init__(self, image: Image) -> None:
        section = info_section(image)
        self.path = image.path
        self.image = image
        self.little = image.little
        self.data = image.contents(section)
        self.relocated = image.relocated(section) if image.relocatable else {}
        self._abbrev = section_bytes(image, "abbrev")
        self.strings = Strings(section_bytes(image, "str"))
        self.line_strings = Strings(section_bytes(image, "line_str"))
        self.units = self._read_units()
        if not self.units:
            raise NoDebugInfo(image.path, "no debug information: .debug_info holds no unit")

    @property
    def symbols(self) -> Sequence[Symbol]:
        """The symbols whose addresses tell aliases."""
        return self.image.symbols

    def error(self, offset: int, problem: str) -> ObjectError:
        """An error at an offset of .debug_info."""
        return ObjectError(self.path, problem, section=".debug_info", offset=self.base + offset)

    def file_of(self, unit: Unit) -> UnitFile:
        """What a unit refers to outside of itself."""
        del unit
        return self

    @property
    def other_strings(self) -> Strings:
        """Raises IndexError."""
        raise IndexError("a string of a supplementary file, which no object file has")

    def here(self, offset: int) -> int:
        """What DW_FORM_ref_addr refers to, as an offset in `data`."""
        return offset

    def there(self, offset: int) -> int:
        """Raises Unsupported: no object file has a supplementary one."""
        raise self.elsewhere(offset)

    def elsewhere(self, offset: int) -> Unsupported:
        """The error for a reference into a unit that does not belong to these. offset: in the file's .debug_info."""
        problem = "a reference from one unit to another"
        return Unsupported(self.path, problem, section=".debug_info", offset=offset)

    def word(self, offset: int, size: int) -> int:
        """An offset field of .debug_info, relocated."""
        value = self.relocated.get(offset)
        if value is None:
            if offset + size > len(self.data):
                raise self.error(offset, "the debug information is cut short")
            value = int.from_bytes(self.data[offset : offset + size], "little" if self.little else "big")
        return value

    def relocated_in(self, unit: Unit) -> dict[int, int]:
        """The relocated values of one unit, by offset from its header."""
        if unit.start == 0:
            return self.relocated
        return {at - unit.start: v for at, v in self.relocated.items() if unit.start <= at < unit.end}

    def _read_units(self) -> list[Unit]:
        units: list[Unit] = []
        tables: dict[int, dict[int, Abbreviation]] = {}
        at = 0
        while at < len(self.data):
            unit = self._read_unit(at, tables)
            units.append(unit)
            at = unit.end
        return units

    def _read_unit(self, start: int, tables: dict[int, dict[int, Abbreviation]]) -> Unit:
        order = "<" if self.little else ">"
        try:
            (length,) = struct.unpack_from(order + "I", self.data, start)
            at, offset_size = start + 4, 4
            if length == 0xFFFFFFFF:
                (length,) = struct.unpack_from(order + "Q", self.data, at)
                at, offset_size = at + 8, 8
            end = at + length
            (version,) = struct.unpack_from(order + "H", self.data, at)
            at += 2
            if version not in (4, 5):
                raise Unsupported(
                    self.path,
                    f"DWARF version {version} is not supported (4 and 5 are)",
                    section=".debug_info",
                    offset=self.base + start,
                )
            if version == 5:
                kind, address_size = self.data[at], self.data[at + 1]
                abbrev_at, at = at + 2, at + 2 + offset_size
                at += self._header_tail(kind, start)
            else:
                abbrev_at, at = at, at + offset_size
                address_size, at = self.data[at], at + 1
        except (struct.error, IndexError):
            raise self.error(start, "a unit header is cut short") from None
        if end > len(self.data) or at > end:
            raise self.error(start, f"a unit of {length} bytes does not fit into the section")
        offset = self.word(abbrev_at, offset_size)
        if offset not in tables:
            tables[offset] = self._read_abbreviations(offset)
        return Unit(start, at, end, version, address_size, offset_size, tables[offset])

    def _header_tail(self, kind: int, start: int) -> int:
        """The bytes that a DWARF 5 header has behind debug_abbrev_offset."""
        if kind in (UT_COMPILE, UT_PARTIAL):
            return 0
        if kind in (UT_SKELETON, UT_SPLIT_COMPILE):
            return 8
        if kind in (UT_TYPE, UT_SPLIT_TYPE):
            raise Unsupported(
                self.path,
                "type units are not supported",
                section=".debug_info",
                offset=self.base + start,
                hint="build without -fdebug-types-section, as the kernel does",
            )
        raise Unsupported(
            self.path, f"unit type {kind:#x} is not known", section=".debug_info", offset=self.base + start
        )

    def _read_abbreviations(self, offset: int) -> dict[int, Abbreviation]:
        try:
            return read_table(self._abbrev, offset)
        except MalformedAbbreviations as error:
            raise ObjectError(
                self.path, "an abbreviation table is cut short", section=".debug_abbrev", offset=error.args[0]
            ) from None


def info_section(image: Image) -> Section:
    """`.debug_info`. Raises NoDebugInfo."""
    section = image.debug_section("info")
    if section is None or section.size == 0 or section.type == SHT_NOBITS:
        raise NoDebugInfo(
            image.path,
            "no debug information",
            hint="build with CONFIG_DEBUG_INFO (gcc -g); stripped files cannot be versioned",
        )
    return section


def section_bytes(image: Image, name: str) -> bytes:
    """All of a `.debug_NAME` section, which may be missing."""
    section = image.debug_section(name)
    return image.contents(section) if section else b""
