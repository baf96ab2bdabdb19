"""Units read one at a time say what they say in the whole file; what is not in them is not guessed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.info import DebugInfo
from kabicheck.dwarf.units import Units
from kabicheck.elf.image import Image
from kabicheck.errors import NoDebugInfo, ObjectError
from kabicheck.model import BuiltObject, Export, LinkedUnit
from kabicheck.symver.linked_unit import read_unit
from tests.dwarf.objects import LAYOUTS
from tests.dwarf_writer import Unit, die, function, struct_type, variable, write
from tests.elf_writer import Section, write_elf

if TYPE_CHECKING:
    from pathlib import Path

INT = die("base_type", name="int", byte_size=4, encoding=5)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
def test_a_unit_is_the_same_alone(layout: tuple[str, int, int, bool]) -> None:
    machine, version, size, relocations = layout
    made = [
        Unit(INT, function(name, INT), variable("v", INT), version=version, offset_size=size)
        for name in ("a", "b")
    ]
    image = Image("x.o", write(made, machine=machine, relocations=relocations))
    whole, units = DebugInfo(image), Units(image)
    assert units.bounds == tuple((unit.start, unit.end) for unit in whole.units)
    for number, unit in enumerate(whole.units):
        info = units.read(number)
        alone, together = DieReader(info, info.units[0]), DieReader(whole, unit)
        for one, other in zip(alone.children(alone.root()), together.children(together.root()), strict=True):
            assert (one.tag, one.offset + info.base) == (other.tag, other.offset)
            assert alone.text(one, 3) == together.text(other, 3)
            if (target := alone.reference(one, 0x49)) is not None:
                assert target + info.base == together.reference(other, 0x49)


def test_a_type_in_another_unit_is_no_version(tmp_path: Path) -> None:
    """Link-time optimisation makes such references; what an object would have held cannot be told."""
    there = struct_type("s", byte_size=4)
    path = tmp_path / "vmlinux"
    path.write_bytes(write([Unit(there), Unit(function("f", there), function("g", INT))]))
    exports = Export("f"), Export("g")
    versions = read_unit(BuiltObject("b.o", path, "vmlinux", unit=LinkedUnit(1, exports))).versions()
    assert versions.versions == {}
    assert versions.unversioned == dict.fromkeys(("f", "g"), "a reference from one unit to another")


@pytest.mark.parametrize("length", [0, 0x7FFFFFFF])
def test_a_length_that_makes_no_sense(length: int) -> None:
    content = write_elf([Section(".debug_info", struct.pack("<I", length) + bytes(20))], linked=True)
    with pytest.raises(ObjectError, match="does not fit"):
        Units(Image("x", content))


def test_a_file_without_debug_information() -> None:
    with pytest.raises(NoDebugInfo):
        Units(Image("x", write_elf([Section(".text", b"x")], linked=True)))
