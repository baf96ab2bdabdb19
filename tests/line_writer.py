"""Writes file tables: the headers of line programs."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from elftools.dwarf.enums import ENUM_DW_FORM

from tests.elf_writer import Output, Relocation, uleb128

if TYPE_CHECKING:
    from tests.dwarf_writer import Unit
    from tests.elf_writer import Machine, Pool


class LineTables:
    """The tables of several units. `out` is `.debug_line`; paths go to the pools of strings."""

    def __init__(self, machine: Machine, strings: Pool, line_strings: Pool) -> None:
        self.machine = machine
        self.pools = {"strp": (".debug_str", strings), "line_strp": (".debug_line_str", line_strings)}
        self.out = Output(".debug_line")

    def add(self, unit: Unit) -> int:
        """Write a unit's files and directories, with a program that does nothing; the offset of its header."""
        offset = len(self.out.data)
        tables = Output(".debug_line")
        paths = [(path.rpartition("/")[0], path.rpartition("/")[2]) for path in unit.files]
        directories = list(dict.fromkeys(directory for directory, _ in paths if directory))
        start = offset + (4 if unit.offset_size == 4 else 12)
        fixed = bytes([1, 1, 1, 0xFB, 14, 13]) + bytes(12)  # what a line program needs; nobody asks
        order, size = self.machine.order, unit.offset_size
        before = struct.pack(f"{order}H", unit.version)
        before += bytes([self.machine.bits // 8, 0]) if unit.version >= 5 else b""
        tables.data += bytes(len(before) + size) + fixed
        if unit.version >= 5:
            self._lines_5(tables, unit, directories, paths)
        else:
            for directory in directories:
                tables.data += directory.encode("latin-1") + b"\0"
            tables.data += b"\0"
            for directory, name in paths:
                index = directories.index(directory) + 1 if directory else 0
                tables.data += name.encode("latin-1") + b"\0" + uleb128(index) + b"\0\0"
            tables.data += b"\0"
        header = len(tables.data) - len(before) - size
        tables.data[: len(before) + size] = before + header.to_bytes(
            size, "little" if self.machine.little else "big"
        )
        tables.data += b"\0\x01\x01"  # DW_LNE_end_sequence
        length = len(tables.data)
        self.out.data += (
            struct.pack(f"{order}I", length) if size == 4 else struct.pack(f"{order}IQ", 0xFFFFFFFF, length)
        )
        self.out.relocations += [
            Relocation(r.at + start, r.size, r.symbol, r.addend) for r in tables.relocations
        ]
        self.out.data += tables.data
        return offset

    def _lines_5(self, out: Output, unit: Unit, directories: list[str], paths: list[tuple[str, str]]) -> None:
        form = ENUM_DW_FORM[f"DW_FORM_{unit.path_form}"]
        udata = ENUM_DW_FORM["DW_FORM_udata"]

        def path(text: str) -> None:
            if unit.path_form == "string":
                out.data += text.encode("latin-1") + b"\0"
            else:
                section, pool = self.pools[unit.path_form]
                out.offset(section, pool.add(text), unit.offset_size)

        out.data += b"\x01" + uleb128(1) + uleb128(form) + uleb128(len(directories) + 1)
        path(str(unit.root.get("comp_dir", "")))
        for directory in directories:
            path(directory)
        out.data += b"\x02" + uleb128(1) + uleb128(form) + uleb128(2) + uleb128(udata)
        out.data += uleb128(len(paths) + 1)
        for directory, name in [paths[0], *paths]:
            path(name)
            out.data += uleb128(directories.index(directory) + 1 if directory else 0)
