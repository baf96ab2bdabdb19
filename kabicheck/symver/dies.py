"""The DIEs of one file by offset, whichever unit they are in, and what the exact walk asks about them."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import read_file_names
from kabicheck.dwarf.joined import JoinedInfo
from kabicheck.symver.grammar import PREFIXES, type_reference
from kabicheck.symver.scope import SCOPES, Scopes

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die
    from kabicheck.dwarf.info import DebugInfo


class Dies:
    """All units of a file. Offsets are in .debug_info."""

    def __init__(self, info: DebugInfo) -> None:
        self.info = info
        self.readers = [DieReader(info, unit) for unit in info.units]
        self._starts = [unit.start for unit in info.units]
        self._scopes: dict[int, Scopes] = {}
        self._dies: dict[int, Die] = {}
        self._private: dict[int, bool] = {}
        self._joined = isinstance(info, JoinedInfo)
        self._private_in: dict[int, dict[int, bool]] = {}
        self._files: dict[int, list[str]] = {}
        self._named: dict[int, dict[str, Die]] = {}

    def _unit_index(self, offset: int) -> int:
        """The unit that holds an offset."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            raise self.info.error(offset, "an offset outside all units")
        return index

    def reader(self, offset: int) -> DieReader:
        """The reader of the unit that holds an offset."""
        return self.readers[self._unit_index(offset)]

    def die(self, offset: int) -> Die:
        """The DIE at an offset. Raises ObjectError where there is none."""
        die = self._dies.get(offset)
        if die is None:
            die = self.reader(offset).read(offset)
            if die is None:
                raise self.info.error(offset, "a reference leads to no DIE")
            self._dies[offset] = die
        return die

    def scopes(self, index: int) -> Scopes:
        """The scopes of a unit."""
        if index not in self._scopes:
            self._scopes[index] = Scopes(self.readers[index])
        return self._scopes[index]

    def type_of(self, die: Die) -> Die | None:
        """What DW_AT_type refers to; None where it is missing."""
        offset = self.reader(die.offset).reference(die, dw.AT_TYPE)
        return None if offset is None else self.die(offset)

    def is_private(self, die: Die) -> bool:
        """is_definition_private: types defined in a .c file cannot change the public ABI.

        Answers are cached by file number alone for as long as a unit is walked, as the C tool does, also for a DIE
        of another unit with another file table.
        """
        reader = self.reader(die.offset)
        number = reader.number(die, dw.AT_DECL_FILE)
        if number is None:
            return False
        unit = reader.unit.start
        # Before dwz took them apart, the units of a joined one had one file table.
        known = self._private_in.setdefault(unit, {}) if self._joined else self._private
        if number not in known:
            if unit not in self._files:
                self._files[unit] = read_file_names(reader)
            files = self._files[unit]
            if number >= len(files):
                raise self.info.error(die.offset, f"file number {number} does not exist")
            known[number] = files[number].endswith(".c")
        return known[number]

    def named(self, near: Die, reference: str) -> Die | None:
        """The type of a reference in the unit of another DIE: its definition there, if there is one."""
        index = self._unit_index(near.offset)
        if index not in self._named:
            self._named[index] = self._types(index)
        return self._named[index].get(reference)

    def _types(self, index: int) -> dict[str, Die]:
        """The named types in a unit's scopes: reference → DIE."""
        reader = self.readers[index]
        found: dict[str, Die] = {}
        scopes = [reader.root()]
        while scopes:
            for die in reader.children(scopes.pop()):
                if die.tag in SCOPES:
                    scopes.append(die)
                reference = type_reference(die.tag, self.fqn(die)) if die.tag in PREFIXES else ""
                if reference and (reference not in found or not reader.flag(die, dw.AT_DECLARATION)):
                    found[reference] = die
        return found

    def start_unit(self) -> None:
        """Forget which files are private: srcfile_cache lives as long as the walk of a unit."""
        self._private.clear()

    def fqn(self, die: Die) -> str:
        """The name of a DIE with its scopes, "" for none (update_fqn)."""
        index = self._unit_index(die.offset)
        name = self.readers[index].text(die, dw.AT_NAME)
        return self.scopes(index).prefix(die.offset) + name if name is not None else ""
