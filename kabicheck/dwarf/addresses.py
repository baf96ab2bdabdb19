"""Where functions and variables are in memory: low_pc, ranges and plain locations of DIEs (DWARF 5, 2.6, 2.17)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import uleb128
from kabicheck.elf.relocations import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.dwarf.die import Die, DieReader
    from kabicheck.dwarf.units import UnitInfo
    from kabicheck.elf.tables import Section

MAX_RANGES = 1 << 16  # of one function; a hostile list must not keep us for ever


class Addresses:
    """Reads the addresses that one unit's DIEs have. All may raise IndexError or struct.error for damaged data."""

    def __init__(self, info: UnitInfo, reader: DieReader) -> None:
        self._info = info
        self._image = info.image
        self._order: Literal["little", "big"] = "little" if info.little else "big"
        self._size = reader.unit.address_size
        self._offset_size = reader.unit.offset_size
        self._version = reader.unit.version
        self._root = reader.whole(reader.unit.root).attributes

    def at(self, offset: int) -> Place:
        """The address that stands at an offset of the unit."""
        value = int.from_bytes(self._info.data[offset : offset + self._size], self._order)
        if not self._image.relocatable:
            return Place(0, value)
        return self._info.target(offset) or Place(0, value)

    def of(self, die: Die) -> Iterator[Place]:
        """The addresses at which a function or a variable may start. The DIE has all its attributes."""
        for attribute in (dw.AT_LOW_PC, dw.AT_LOCATION, dw.AT_RANGES):
            if attribute not in die.attributes:
                continue
            form, value, at = die.attributes[attribute]
            if form == dw.FORM_ADDR:
                yield self.at(at)
            elif form in dw.INDEXED_ADDRESSES and value is not None:
                yield self._indexed(int(value))
            elif attribute == dw.AT_RANGES and value is not None:
                yield from self._ranges(form, int(value))
            elif form in dw.BLOCK_LENGTHS:
                yield from self._location(form, at)

    def _location(self, form: int, at: int) -> Iterator[Place]:
        """The address of a location that is one and nothing else."""
        data = self._info.data
        width = dw.BLOCK_LENGTHS[form]
        if width:
            length, at = int.from_bytes(data[at : at + width], self._order), at + width
        else:
            length, at = uleb128(data, at)
        if length == 1 + self._size and data[at] == dw.OP_ADDR:
            yield self.at(at + 1)
        elif length and data[at] == dw.OP_ADDRX:
            index, end = uleb128(data, at + 1)
            if end == at + length:
                yield self._indexed(index)

    def _indexed(self, index: int) -> Place:
        """An entry of .debug_addr."""
        section = self._section("addr")
        base = self._base(dw.AT_ADDR_BASE, dw.AT_GNU_ADDR_BASE, default=8)
        return self._place(section, base + index * self._size)

    def _base(self, *attributes: int, default: int) -> int:
        for attribute in attributes:
            value = self._root.get(attribute, (0, None, 0))[1]
            if isinstance(value, int):
                return value
        return default

    def _section(self, name: str) -> Section:
        section = self._image.debug_section(name)
        if section is None:
            raise IndexError(name)
        return section

    def _number(self, section: Section, at: int, size: int) -> int:
        data = self._image.part(section, at, at + size)
        if len(data) < size:
            raise IndexError(at)
        return int.from_bytes(data, self._order)

    def _place(self, section: Section, at: int) -> Place:
        """An address of another debug section."""
        if self._image.relocatable:
            target = self._image.relocations(section).target(at)
            if target is not None:
                return target
        return Place(0, self._number(section, at, self._size))

    def _unit_address(self) -> Place:
        """What range lists are relative to: the unit's own address."""
        form, value, at = self._root.get(dw.AT_LOW_PC, (0, None, 0))
        if form == dw.FORM_ADDR:
            return self.at(at)
        if form in dw.INDEXED_ADDRESSES and isinstance(value, int):
            return self._indexed(value)
        return Place(0, 0)

    def _ranges(self, form: int, value: int) -> Iterator[Place]:
        if self._version < 5:
            yield from self._old_ranges(self._section("ranges"), value)
            return
        section = self._section("rnglists")
        if form == dw.FORM_RNGLISTX:
            base = self._base(dw.AT_RNGLISTS_BASE, default=8 + self._offset_size)
            value = base + self._number(section, base + value * self._offset_size, self._offset_size)
        yield from self._new_ranges(section, value)

    def _old_ranges(self, section: Section, at: int) -> Iterator[Place]:
        """.debug_ranges: pairs, of which the second may say that the first is no address but a new base."""
        highest = (1 << (8 * self._size)) - 1
        base = self._unit_address()
        for _ in range(MAX_RANGES):
            start = self._number(section, at, self._size)
            end = self._place(section, at + self._size)
            first = self._place(section, at)
            if not first.section and start == 0 and end == (0, 0):
                return
            if start == highest:
                base = end
            else:
                yield first if first.section else Place(base.section, base.value + start)
            at += 2 * self._size

    def _new_ranges(self, section: Section, at: int) -> Iterator[Place]:
        """.debug_rnglists."""
        size = self._size
        base = self._unit_address()
        for _ in range(MAX_RANGES):
            kind, at = self._number(section, at, 1), at + 1
            if kind == dw.RLE_END_OF_LIST:
                return
            if kind in (dw.RLE_BASE_ADDRESS, dw.RLE_START_END, dw.RLE_START_LENGTH):
                place, at = self._place(section, at), at + size
                if kind == dw.RLE_START_END:
                    at += size
                elif kind == dw.RLE_START_LENGTH:
                    at = self._leb(section, at)[1]
            elif kind in (dw.RLE_BASE_ADDRESSX, dw.RLE_STARTX_ENDX, dw.RLE_STARTX_LENGTH):
                index, at = self._leb(section, at)
                place = self._indexed(index)
                if kind != dw.RLE_BASE_ADDRESSX:
                    at = self._leb(section, at)[1]
            elif kind == dw.RLE_OFFSET_PAIR:
                offset, at = self._leb(section, at)
                at = self._leb(section, at)[1]
                place = Place(base.section, base.value + offset)
            else:
                raise IndexError(at)
            if kind in (dw.RLE_BASE_ADDRESS, dw.RLE_BASE_ADDRESSX):
                base = place
            else:
                yield place

    def _leb(self, section: Section, at: int) -> tuple[int, int]:
        value, size = uleb128(self._image.part(section, at, at + 20), 0)
        return value, at + size


UNREADABLE = (IndexError, struct.error)
