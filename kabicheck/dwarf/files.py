"""The file table of a unit's line program, and nothing else of it (DWARF 5, section 6.2.4; DWARF 4, 6.2.4)."""

from __future__ import annotations

import os
import posixpath
import re
import struct
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from kabicheck.dwarf.abbrev import uleb128
from kabicheck.dwarf.constants import (
    AT_COMP_DIR,
    AT_STMT_LIST,
    BLOCK_LENGTHS,
    FIXED_SIZES,
    FORM_LINE_STRP,
    FORM_SEC_OFFSET,
    FORM_STRING,
    FORM_STRP,
    FORM_UDATA,
)
from kabicheck.elf.tables import string_at
from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die, DieReader
    from kabicheck.dwarf.info import UnitFile

# Line number header entry formats (DWARF 5, table 7.27)
LNCT_PATH = 1
LNCT_DIRECTORY_INDEX = 2

# A file: its path and the number of its directory.
Entry = tuple[str, int]

# A file of DWARF 4 (section 6.2.4): name, number of the directory, time, size.
_NUMBER = rb"[\x80-\xff]{0,18}[\x00-\x7f]"
_ENTRY_4 = re.compile(rb"([^\0]+)\0(%b)%b%b" % (_NUMBER, _NUMBER, _NUMBER))
_TABLE_4 = re.compile(rb"(?:[^\0]++\0%b%b%b)*+\0" % (_NUMBER, _NUMBER, _NUMBER))

# What dwz writes into a supplementary file for the compilation directory, which each unit that refers there has itself.
NO_FOLDER = "<dwz>"
MAX_ENTRIES = 1 << 20  # a hostile count must not make us build lists for ever


def read_files(reader: DieReader) -> list[str]:
    """The paths of a unit's files by DW_AT_decl_file, as the file system has them; "" where a number has no file.

    Relative directories are taken from the compilation directory, which may be relative itself
    (-fdebug-prefix-map). Raises ObjectError when the table cannot be read.
    """
    directories, files = _read(reader)
    joined = (_join(directories, index, path) for path, index in files)
    return [os.fsdecode(path.encode("latin-1")) for path in joined]


def file_name(reader: DieReader, die: Die, attribute: int) -> str:
    """A file's or folder's name that an entry has, as the file system has it; "" where it has none."""
    return os.fsdecode((reader.text(die, attribute) or "").encode("latin-1"))


def read_file_names(reader: DieReader) -> list[str]:
    """The same, as the table has them without their directories: joining paths takes most of the time."""
    return [path for path, _ in _read(reader)[1]]


def _read(reader: DieReader) -> tuple[list[str], list[Entry]]:
    """Directories and files; the compilation directory is the first directory, or before it."""
    root = reader.root()
    offset = reader.number(root, AT_STMT_LIST)
    section = reader.file.image.debug_section("line")
    if offset is None or section is None:
        return [], []
    form, value, _ = root.attributes[AT_STMT_LIST]
    if form != FORM_SEC_OFFSET and not isinstance(value, int):
        return [], []
    table = _FileTable(reader.file, offset, reader.text(root, AT_COMP_DIR) or "")
    try:
        return table.read()
    except (IndexError, struct.error):
        raise ObjectError(
            reader.file.path, "a file table is cut short", section=".debug_line", offset=offset
        ) from None


def _join(directories: list[str], index: int, path: str) -> str:
    directory = directories[index] if 0 < index < len(directories) else ""
    return posixpath.normpath(posixpath.join(directories[0], directory, path)) if path else ""


class _FileTable:
    """One header of .debug_line. `at` moves along, from where the header is in the section."""

    def __init__(self, info: UnitFile, offset: int, directory: str) -> None:
        section = info.image.debug_section("line")
        assert section is not None
        self.info = info
        self.order: Literal["little", "big"] = "little" if info.little else "big"
        image = info.image
        end = image.size(section)
        if offset + 4 <= end:  # one program of many
            length = int.from_bytes(image.part(section, offset, offset + 4), self.order)
            end = min(end, offset + 4 + length) if length < 0xFFFFFFF0 else end
        self.data = image.part(section, offset, end)
        self.at = 0
        self.start = offset
        self.directory = directory
        self.offset_size = 4
        self._place = section, offset, end

    @cached_property
    def relocated(self) -> dict[int, int]:
        """Only strings in other sections need them, and the many of the program behind the table do not matter."""
        image = self.info.image
        return image.relocated(*self._place) if image.relocatable else {}

    def read(self) -> tuple[list[str], list[Entry]]:
        if self._unsigned(4) == 0xFFFFFFFF:
            self.offset_size = 8
            self._unsigned(8)
        version = self._unsigned(2)
        if version >= 5:
            self.at += 2  # address_size, segment_selector_size
        self.at += self.offset_size  # header_length
        self.at += 1  # minimum_instruction_length
        if version >= 4:
            self.at += 1  # maximum_operations_per_instruction
        self.at += 3  # default_is_stmt, line_base, line_range
        opcodes = self._unsigned(1)
        self.at += opcodes - 1 if opcodes else 0
        return self._entries_5() if version >= 5 else self._entries_4()

    def _entries_5(self) -> tuple[list[str], list[Entry]]:
        directories = [path for path, _ in self._formatted()] or [""]
        first = "" if directories[0] == NO_FOLDER else directories[0]
        # The compilation directory itself is relative where -fdebug-prefix-map made it so.
        directories[0] = first if first == self.directory else posixpath.join(self.directory, first)
        return directories, self._formatted()

    def _entries_4(self) -> tuple[list[str], list[Entry]]:
        directories = [self.directory]
        while path := self._string():
            directories.append(path)
        found = _TABLE_4.match(self.data, self.at)
        if found is None:
            raise IndexError(self.at)
        files = _ENTRY_4.findall(self.data, found.start(), found.end() - 1)
        # numbers start at 1
        return directories, [("", 0), *((name.decode("latin-1"), uleb128(at, 0)[0]) for name, at in files)]

    def _formatted(self) -> list[Entry]:
        """A list of entries that says itself how they are made: (path, directory index)."""
        formats = [(self._uleb(), self._uleb()) for _ in range(self._unsigned(1))]
        count = self._uleb()
        if count > MAX_ENTRIES or (count and not formats):
            raise ObjectError(
                self.info.path,
                f"claims to have {count} entries",
                section=".debug_line",
                offset=self.start + self.at,
            )
        entries: list[Entry] = []
        for _ in range(count):
            path, index = "", 0
            for content, form in formats:
                value = self._value(form)
                if content == LNCT_PATH and isinstance(value, str):
                    path = value
                elif content == LNCT_DIRECTORY_INDEX and isinstance(value, int):
                    index = value
            entries.append((path, index))
        return entries

    def _value(self, form: int) -> str | int | None:
        if form == FORM_STRING:
            return self._string()
        if form in (FORM_LINE_STRP, FORM_STRP):
            place = self.at
            offset = self._unsigned(self.offset_size)
            strings = self.info.line_strings if form == FORM_LINE_STRP else self.info.strings
            return strings[self.relocated.get(place, offset)]
        if form == FORM_UDATA:
            return self._uleb()
        if form in FIXED_SIZES:
            return self._unsigned(FIXED_SIZES[form])
        if form in BLOCK_LENGTHS:
            width = BLOCK_LENGTHS[form]
            length = self._unsigned(width) if width else self._uleb()
            self.at += length
            return None
        raise ObjectError(
            self.info.path,
            f"form {form:#x} in a file table",
            section=".debug_line",
            offset=self.start + self.at,
        )

    def _unsigned(self, size: int) -> int:
        end = self.at + size
        if end > len(self.data):
            raise IndexError(self.at)
        value = int.from_bytes(self.data[self.at : end], self.order)
        self.at = end
        return value

    def _uleb(self) -> int:
        value, self.at = uleb128(self.data, self.at)
        return value

    def _string(self) -> str:
        if self.at >= len(self.data):
            raise IndexError(self.at)
        text = string_at(self.data, self.at)
        self.at += len(text) + 1
        return text
