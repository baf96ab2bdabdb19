"""A unit of a linked file together with the partial units that it refers to, as it was before dwz took it apart.

dwz moves what several units have in common into partial units, of the same file or of a supplementary one
(DWARF 5, sections 3.1.1 and 7.3.6), and leaves references behind, and imports of some of them. Here the unit stands
behind all that it refers to, and what that refers to. Each keeps the strings and the file table of its own file.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf.info import DebugInfo
from kabicheck.dwarf.supplementary import link_of
from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.dwarf.info import Strings, Unit
    from kabicheck.dwarf.units import Partial, UnitInfo, UnitNumber, Units
    from kabicheck.elf.tables import Symbol

# Units that one unit may refer to, with all that these refer to; one of a whole vmlinux refers to some hundreds.
MOST_JOINED = 1 << 16


class _Part(NamedTuple):
    """One of the units.

    start: where it begins in the data of all.
    file: where it is from.
    number: the unit's in that file.
    """

    start: int
    file: PartFile
    number: int


class JoinedInfo(DebugInfo):
    """A unit with all partial ones that it refers to. `units` has the unit itself at the end; offsets are in all of
    them together. partials: of each unit, None for the unit itself. Raises ObjectError for what cannot be read.
    """

    def __init__(self, alone: UnitInfo) -> None:
        self.path, self.image, self.little = alone.path, alone.image, alone.little
        self.strings, self.line_strings = alone.strings, alone.line_strings
        self._symbols = alone.symbols
        self.units: list[Unit] = []
        self.relocated: dict[int, int] = {}
        self.partials: list[Partial | None] = []
        self._parts: list[_Part] = []
        self._starts: list[int] = []
        self._places: dict[tuple[PartFile, int], int] = {}
        data: list[bytes] = []
        start = 0
        for file, number, partial in _order(PartFile(self, alone.all_units), alone):
            info = alone if partial is None else partial.info
            data.append(info.data)
            self.partials.append(partial)
            self._parts.append(_Part(start, file, number))
            self._starts.append(start)
            self._places[file, number] = start
            (unit,) = info.units
            self.units.append(unit._replace(start=start, root=start + unit.root, end=start + unit.end))
            self.relocated |= {start + at: value for at, value in info.relocated.items()}
            start += len(info.data)
        self.data = b"".join(data)

    @property
    def symbols(self) -> Sequence[Symbol]:
        """Those that the unit defines."""
        return self._symbols

    def file_of(self, unit: Unit) -> PartFile:
        """The file that a unit is from."""
        return self._part(unit.start).file

    def place(self, file: PartFile, offset: int) -> int:
        """An offset in a file's .debug_info as one here. Raises Unsupported for what belongs to none of the units."""
        number = file.units.holding(offset)
        start = self._places.get((file, number))
        if start is None:
            raise self.elsewhere(offset)
        return start + offset - file.units.bounds[number][0]

    def error(self, offset: int, problem: str) -> ObjectError:
        """An error at an offset, as the file has it."""
        part = self._part(offset)
        at = part.file.units.bounds[part.number][0] + offset - part.start
        return ObjectError(part.file.path, problem, section=".debug_info", offset=at)

    def _part(self, offset: int) -> _Part:
        return self._parts[max(bisect_right(self._starts, offset) - 1, 0)]


def joined(info: UnitInfo) -> DebugInfo:
    """A unit with all partial ones that it refers to, itself where there is none. Raises ObjectError."""
    return JoinedInfo(info) if info.others else info


class PartFile:
    """One of the two files that joined units are from (`kabicheck.dwarf.info.UnitFile`)."""

    def __init__(self, info: JoinedInfo, units: Units) -> None:
        self._info = info
        self.units = units
        self.path, self.image, self.little = units.image.path, units.image, units.image.little
        self.strings, self.line_strings = units.strings, units.line_strings
        self._other: PartFile | None = None

    @property
    def has_other(self) -> bool:
        """Whether it refers to a supplementary file."""
        return not self.units.supplementary_to and link_of(self.image) is not None

    @property
    def other(self) -> PartFile:
        """The supplementary file. Raises ObjectError."""
        if self._other is None:
            self._other = PartFile(self._info, self.units.supplementary)
        return self._other

    @property
    def other_strings(self) -> Strings:
        """See `UnitFile`."""
        return self.units.supplementary.strings

    def here(self, offset: int) -> int:
        """See `UnitFile`."""
        return self._info.place(self, offset)

    def there(self, offset: int) -> int:
        """See `UnitFile`."""
        return self._info.place(self.other, offset)


class _Open(NamedTuple):
    """A unit whose references are followed.

    file: where it is from.
    number: the unit's in that file.
    partial: None for the unit itself.
    unfollowed: the units that it refers to and that were not looked at, the next one last.
    """

    file: PartFile
    number: int
    partial: Partial | None
    unfollowed: list[UnitNumber]


def _order(own: PartFile, alone: UnitInfo) -> list[tuple[PartFile, int, Partial | None]]:
    """A unit and all partial ones that it refers to: each behind what it refers to itself. Raises ObjectError."""
    found: list[tuple[PartFile, int, Partial | None]] = []
    entered = {(own, alone.number)}
    open_units = [_Open(own, alone.number, None, list(reversed(alone.others)))]
    while open_units:
        file, number, partial, unfollowed = open_units[-1]
        if not unfollowed:
            found.append((file, number, partial))
            open_units.pop()
            continue
        supplementary, inner = unfollowed.pop()
        target = file.other if supplementary else file
        if (target, inner) in entered:
            continue
        entered.add((target, inner))
        if len(entered) > MOST_JOINED:
            raise alone.error(0, f"refers to more than {MOST_JOINED} units")
        part = target.units.partial(inner) if inner >= 0 else None
        if part is not None:  # what is in another unit that stands for itself is nobody's but that one's
            open_units.append(_Open(target, inner, part, list(reversed(part.info.others))))
    return found
