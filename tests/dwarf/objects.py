"""Debug information made for the purpose, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from tests.dwarf_writer import Unit, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.dwarf.die import Die
    from tests import dwarf_writer as writer

# How the same DIEs may be written: a machine, a version of DWARF, the size of offsets, relocations or not.
LAYOUTS = [
    ("x86_64", 5, 4, True),
    ("x86_64", 4, 4, True),
    ("x86_64", 5, 8, True),
    ("x86_64", 5, 4, False),
    ("i386", 4, 4, True),
    ("s390x", 5, 4, True),
    ("s390x", 4, 8, False),
    ("powerpc", 5, 4, False),
    ("arm", 5, 4, True),
    ("aarch64", 5, 4, True),
]


def read(*units: Unit, machine: str = "x86_64", relocations: bool = True) -> DebugInfo:
    """The debug information of these units."""
    return DebugInfo(Image("x.o", write(units, machine=machine, relocations=relocations)))


def dies(reader: DieReader) -> Iterator[Die]:
    """The children of the unit DIE."""
    return reader.children(reader.root())


def first(*written: writer.Die, layout: tuple[str, int, int, bool] = LAYOUTS[0]) -> tuple[DieReader, Die]:
    """The first DIE of a unit with these, and its reader."""
    machine, version, offset_size, relocations = layout
    unit = Unit(*written, version=version, offset_size=offset_size)
    info = read(unit, machine=machine, relocations=relocations)
    reader = DieReader(info, info.units[0])
    return reader, next(dies(reader))
