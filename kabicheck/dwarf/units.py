"""The units of a linked file, each read for itself: however large the file, one unit's bytes are held at a time."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.importing import elsewhere
from kabicheck.dwarf.info import DebugInfo, Strings, info_section, section_bytes
from kabicheck.dwarf.supplementary import open_supplementary
from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.elf.image import Image
    from kabicheck.elf.relocations import Place
    from kabicheck.elf.tables import Symbol


# Bytes of partial units that are kept for the next unit that imports them.
MOST_KEPT = 64 << 20


class Units:
    """The debug information of a file, by unit. bounds: (start, end) in .debug_info of each.

    Strings and abbreviations are those of the file. supplementary_to: the path of the file that this one belongs to,
    "" for one that stands for itself. Raises NoDebugInfo, ObjectError.
    """

    def __init__(self, image: Image, *, supplementary_to: str = "") -> None:
        self.supplementary_to = supplementary_to
        self.image = image
        self.section = info_section(image)
        self.abbrev = section_bytes(image, "abbrev")
        self.strings = Strings(section_bytes(image, "str"))
        self.line_strings = Strings(section_bytes(image, "line_str"))
        self.bounds = tuple(self._read_bounds())
        self._starts = [start for start, _ in self.bounds]
        # the abbreviations that were read last, behind their offset: dwz gives all units one large table
        self.table: tuple[int, dict[int, Abbreviation]] = -1, {}
        self._partial: dict[int, Partial | None] = {}
        self._kept = 0  # bytes of the partial units

    def _read_bounds(self) -> list[tuple[int, int]]:
        """Only the lengths of the units are read here."""
        image, section = self.image, self.section
        order: Literal["little", "big"] = "little" if image.little else "big"
        size = image.size(section)
        bounds = []
        at = 0
        while at < size:
            head = image.part(section, at, at + 12)
            length = int.from_bytes(head[:4], order)
            end = at + 4 + length
            if length == 0xFFFFFFFF:
                end = at + 12 + int.from_bytes(head[4:12], order)
            if not at + 4 < end <= size:
                problem = f"a unit of {length} bytes does not fit into the section"
                raise ObjectError(image.path, problem, section=".debug_info", offset=at)
            bounds.append((at, end))
            at = end
        return bounds

    def read(self, number: int, symbols: Sequence[Symbol] = ()) -> UnitInfo:
        """One unit. symbols: those that the unit defines, at their addresses. Raises ObjectError."""
        return UnitInfo(self, number, symbols)

    @cached_property
    def supplementary(self) -> Units:
        """The units of the file that dwz put common ones into. Raises ObjectError."""
        if self.supplementary_to:
            raise ObjectError(
                self.image.path, f"a supplementary file (of {self.supplementary_to}) with another"
            )
        return type(self)(open_supplementary(self.image), supplementary_to=self.image.path)

    def holding(self, offset: int) -> int:
        """The number of the unit that holds an offset of .debug_info, -1 for none."""
        return bisect_right(self._starts, offset) - 1 if offset < self.image.size(self.section) else -1

    def partial(self, number: int) -> Partial | None:
        """A unit that others import; None where it is one that stands for itself. Raises ObjectError."""
        if number not in self._partial:
            if self._kept > MOST_KEPT:
                self._partial.clear()
                self._kept = 0
            info = self.read(number)
            reader = DieReader(info, info.units[0])
            found = Partial(info) if reader.root().tag == dw.TAG_PARTIAL_UNIT else None
            self._partial[number] = found
            self._kept += len(info.data) if found else 0
        return self._partial[number]


class UnitNumber(NamedTuple):
    """A unit by its number, of the supplementary file or of one's own; -1 for a place that is in none."""

    supplementary: bool
    number: int


class Partial:
    """A partial unit. symbols: the names of the functions and variables that it describes, None until somebody has
    looked.
    """

    def __init__(self, info: UnitInfo) -> None:
        self.info = info
        self.symbols: frozenset[str] | None = None


class UnitInfo(DebugInfo):
    """One unit of a file as if it were the only one: offsets are from its header, `base` is where that is.

    all_units: those of its file, among which it has this number.
    """

    def __init__(self, units: Units, number: int, symbols: Sequence[Symbol] = ()) -> None:
        image = units.image
        self.path, self.image, self.little = image.path, image, image.little
        self.base, end = units.bounds[number]
        self.data = image.part(units.section, self.base, end)
        self.relocated = image.relocated(units.section, self.base, end) if image.relocatable else {}
        self._abbrev, self.strings, self.line_strings = units.abbrev, units.strings, units.line_strings
        self.all_units, self.number = units, number
        self._symbols = symbols
        self.units = self._read_units()

    @property
    def symbols(self) -> Sequence[Symbol]:
        """Those that the unit defines."""
        return self._symbols

    def target(self, offset: int) -> Place | None:
        """The address that a relocation writes at an offset of the unit."""
        return self.image.relocations(self.all_units.section).target(self.base + offset)

    def here(self, offset: int) -> int:
        """Raises Unsupported for what lies in another unit, which a build's object would hold or not."""
        if not self.base <= offset < self.base + len(self.data):
            raise self.elsewhere(offset)
        return offset - self.base

    @property
    def other_strings(self) -> Strings:
        """Those of the supplementary file."""
        return self.all_units.supplementary.strings

    def importable(self, offset: int, *, supplementary: bool) -> tuple[UnitInfo, int] | None:
        """This unit or a partial one, whichever holds an offset of the file's .debug_info, and the offset there; None
        for a unit that stands for itself. supplementary: it is an offset in the supplementary file. Raises ObjectError.
        """
        units = self.all_units.supplementary if supplementary else self.all_units
        number = units.holding(offset)
        if units is self.all_units and number == self.number:
            return self, offset - self.base
        partial = units.partial(number) if number >= 0 else None
        return (partial.info, offset - partial.info.base) if partial else None

    @cached_property
    def others(self) -> tuple[UnitNumber, ...]:
        """The units that this one refers to, in the order of the files. Raises ObjectError."""
        units, found = self.all_units, set[UnitNumber]()
        for supplementary, offset in elsewhere(self, self.units[0]):
            holder = units.supplementary if supplementary else units
            found.add(UnitNumber(supplementary, holder.holding(offset)))
        return tuple(sorted(found - {UnitNumber(False, self.number)}))

    def _read_abbreviations(self, offset: int) -> dict[int, Abbreviation]:
        units = self.all_units
        if units.table[0] != offset:
            units.table = offset, super()._read_abbreviations(offset)
        return units.table[1]
