"""An object as the commands see it: exports, versions, types, warnings, places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import NoDebugInfo, NoExports, ObjectError
from kabicheck.model import Export, Location
from kabicheck.symver.object import ExportReading, read_symbols
from tests.dwarf_writer import Unit, die, exported, function, member, pointer, struct_type, variable, write

if TYPE_CHECKING:
    from pathlib import Path

INT = die("base_type", name="int", byte_size=4, encoding=5)
PRODUCER = "GNU C11 12.2.0 -mno-sse -g"


def test_everything_that_an_object_exports(tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    section, labels = exported(("f", "GPL", "USB"), ("absent", "", ""))
    path.write_bytes(
        write([Unit(function("f", INT), producer=PRODUCER)], labels, [section], machine="aarch64")
    )
    reading = ExportReading(path, name="lib/x.o", module="vmlinux")
    found = reading.versions()
    assert (found.path, found.module) == ("lib/x.o", "vmlinux")
    assert found.exports == (Export("f", "GPL", "USB"), Export("absent"))
    assert set(found.versions) == {"f"}
    assert set(found.unversioned) == {"absent"}
    assert set(reading.types()) == {"f"}
    assert found.toolchain is not None
    assert (found.toolchain.machine, found.toolchain.producer) == ("aarch64", "GNU C11 12.2.0")
    assert found.toolchain.dwarf == 5
    assert read_symbols(path, ["f"]).versions == found.versions


def test_the_types_of_an_assembly_object(tmp_path: Path) -> None:
    """Its exports and kbuild's stand-in, which holds what asm-prototypes.h declares."""
    path, types = tmp_path / "x.o", tmp_path / "x.gendwarfksyms.o"
    section, labels = exported(("memcpy", "", ""))
    path.write_bytes(write([], labels, [section]))
    types.write_bytes(write([Unit(variable("__gendwarfksyms_ptr_memcpy", pointer(die("subroutine_type"))))]))
    with pytest.raises(NoDebugInfo, match=rf"^{path}: no debug information"):
        ExportReading(path)
    found = ExportReading(path, types=types)
    assert set(found.versions().versions) == {"memcpy"}
    assert found.types() == {"memcpy": "subprogram ( ) -> base_type void"}
    types.write_bytes(path.read_bytes())
    with pytest.raises(NoDebugInfo, match=rf"^{types}: no debug information"):
        ExportReading(path, types=types)


def test_nothing_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(write([Unit(function("f"))]))
    with pytest.raises(NoExports, match=rf"^{path}: exports nothing$"):
        ExportReading(path)


def test_warnings(tmp_path: Path) -> None:
    """A version that depends on which other symbols are exported, and a name with two texts."""
    path = tmp_path / "x.o"
    s = struct_type("s")
    call = die("subroutine_type", *(die("formal_parameter", type=each) for each in (INT, pointer(s))))
    t = die("typedef", name="t", type=pointer(call))
    s.children.append(member("m", t))
    path.write_bytes(write([Unit(*(function(f"f{n}", t) for n in range(7)))]))
    reading = read_symbols(path, [f"f{n}" for n in range(7)])
    (warning,) = reading.warnings
    assert warning.endswith(" and 2 more: the version depends on the order of exports, because of t#t")
    one, two = struct_type("s", member("a", INT)), struct_type("s", member("b", INT))
    path.write_bytes(write([Unit(variable("v", one), variable("w", two))]))
    (warning,) = read_symbols(path, ["v", "w"]).warnings
    assert warning.startswith("s#s has two type strings of equal length")


@pytest.mark.parametrize("dwarf", [4, 5])
def test_locations(dwarf: int, tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    s = struct_type("s", member("a", INT), decl_file=1, decl_line=24)
    f = function("f", s, decl_file=2, decl_line=7)
    nowhere = die("typedef", name="t", type=INT)
    unit = Unit(f, variable("v", nowhere), files=["include/s.h", "/abs/f.c"], comp_dir="/src", version=dwarf)
    path.write_bytes(write([Unit(), unit]))
    found = read_symbols(path, ["f", "v"]).locations(["s#s", "f", "v", "t#t", "absent"])
    assert found == {"s#s": Location("/src/include/s.h", 24), "f": Location("/abs/f.c", 7)}


def test_an_unreadable_name_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "x.o"
    path.write_bytes(write([Unit(variable("v", struct_type("a\x01b")))]))
    with pytest.raises(ObjectError, match=rf"^{path}: .* at \.debug_info\+0x"):
        read_symbols(path, ["v"])
