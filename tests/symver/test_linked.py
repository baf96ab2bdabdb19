"""Exports of vmlinux and modules have the versions that their objects had."""

from __future__ import annotations

import gzip
import lzma
import shutil
from typing import TYPE_CHECKING

import pytest
import zstandard

from kabicheck.dwarf.constants import AT_PRODUCER
from kabicheck.dwarf.die import DieReader
from kabicheck.elf import content
from kabicheck.elf.image import Image
from kabicheck.errors import NoDebugInfo, ObjectError, Unsupported
from kabicheck.symver.linked import ASSEMBLY, NOWHERE, LinkedFile, assign
from kabicheck.symver.linked_unit import read_unit
from kabicheck.symver.object import ExportReading
from kabicheck.symver.survey import LinkedInput, built_objects, is_linked, survey
from tests.symver.links import GIVEN, SOURCES, Link, link, run

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import ObjectVersions

BOTH = pytest.mark.parametrize("name", ["vmlinux", "small.ko"])


def read(path: Path, debug: Path | None = None) -> list[ObjectVersions]:
    """What each unit says."""
    objects = built_objects([survey(LinkedInput(path, path.name, debug))])
    return [read_unit(built).versions() for built in objects]


def versions(units: list[ObjectVersions]) -> dict[str, int]:
    return {name: crc for unit in units for name, crc in unit.versions.items()}


def reasons(units: list[ObjectVersions]) -> dict[str, str]:
    return {name: reason for unit in units for name, reason in unit.unversioned.items()}


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
@pytest.mark.parametrize("dwarf", [4, 5])
@BOTH
def test_each_export_has_its_own_object_s_version(
    tmp_path: Path, name: str, dwarf: int, compiler: str
) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    small = link(tmp_path / "k", name, f"-gdwarf-{dwarf}", compiler=compiler)
    units = read(small.path)
    assert versions(units) == small.versions
    # clang describes nothing that is defined elsewhere
    assert reasons(units).keys() == small.unversioned - (GIVEN if name == "small.ko" else set())
    assert reasons(units)["only_here"] == ASSEMBLY
    own = {unit.path: {export.name for export in unit.exports} - GIVEN for unit in units}
    assert own == {
        "lib/one.o": {"counter", "nothing", "other", "real", "shared", "ticks_64"},
        "kernel/two.o": {"grave", "maybe", "neighbour", "split", "twice"},
        "kernel/three.o": {"fast_copy"},
        name.removesuffix(".ko"): {"only_here"},
    }
    assert {unit.module for unit in units} == {name.removesuffix(".ko")}
    assert {export.licence for unit in units for export in unit.exports} == {"GPL", ""}


@BOTH
def test_without_marks_what_others_define_is_never_guessed(tmp_path: Path, name: str) -> None:
    small = link(tmp_path / "k", name, "-DUNMARKED")
    units = read(small.path)
    assert versions(units) == {n: crc for n, crc in small.versions.items() if n not in {*GIVEN, "fast_copy"}}
    given = dict.fromkeys(GIVEN, NOWHERE) if name == "vmlinux" else {}
    assert reasons(units) == {**given, "fast_copy": ASSEMBLY, "only_here": ASSEMBLY}


def test_neighbours_without_a_size_are_told_apart(tmp_path: Path) -> None:
    """`nothing` takes no bytes, and what comes next in memory is another unit's."""
    file = LinkedFile(link(tmp_path / "k", "vmlinux", "-DUNMARKED").path)
    assert file.places["nothing"] == file.places["neighbour"]
    units = {e.name: number for number, unit in assign(file, file.scan()).units.items() for e in unit.exports}
    assert units["nothing"] == units["counter"] != units["neighbour"] == units["split"]


def test_merged_functions_are_found_by_name(tmp_path: Path) -> None:
    """gcc makes equal functions one, and describes what is left of the other without an address."""
    more = """
int first(struct hidden *hidden) { return hidden->inner * 3 + 11; }
EXPORT(first);
int second(struct hidden *hidden) { return hidden->inner * 3 + 11; }
EXPORT(second);
"""
    small = link(tmp_path / "k", "vmlinux", "-DUNMARKED", "-fipa-icf", more=more)
    found = versions(read(small.path))
    assert {"first", "second"} <= found.keys()
    assert found.items() <= small.versions.items()


@BOTH
def test_large_files_are_read_piece_by_piece(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = link(tmp_path / "k", name)
    whole = read(small.path)
    monkeypatch.setattr(content, "WHOLE", 0)
    copy = shutil.copy(small.path, tmp_path / "again")
    assert isinstance(Image(copy).data, content.Pieces)
    assert versions(read(tmp_path / "again")) == versions(whole) == small.versions


def pack(path: Path, how: str) -> Path:
    data = path.read_bytes()
    packed = {
        "gz": gzip.compress,
        "xz": lambda plain: lzma.compress(plain, check=lzma.CHECK_CRC32),
        "zst": zstandard.ZstdCompressor().compress,
    }[how](data)
    path = path.with_name(f"{path.name}.{how}")
    path.write_bytes(packed)
    return path


@pytest.mark.parametrize("how", ["gz", "xz", "zst"])
@pytest.mark.parametrize("spilled", [False, True])
def test_packed_modules(tmp_path: Path, how: str, spilled: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    small = link(tmp_path / "k", "small.ko")
    path = pack(small.path, how)
    if spilled:
        monkeypatch.setattr(content, "WHOLE", 1000)
    assert versions(read(path)) == small.versions
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ObjectError, match="cut short"):
        read(path)


@pytest.mark.parametrize("how", ["gz", "xz", "zst"])
def test_a_bomb_is_refused(tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "WHOLE", 1000)
    (tmp_path / "x.ko").write_bytes(bytes(10 << 20))
    with pytest.raises(ObjectError, match="more than"):
        Image(pack(tmp_path / "x.ko", how))


@BOTH
def test_a_separate_debug_file(tmp_path: Path, name: str) -> None:
    small = link(tmp_path / "k", name)
    debug = tmp_path / f"{name}.debug"
    stripped = tmp_path / name
    run("objcopy", "--only-keep-debug", small.path, debug, cwd=tmp_path)
    run("objcopy", "--strip-debug", small.path, stripped, cwd=tmp_path)
    with pytest.raises(NoDebugInfo):
        survey(LinkedInput(stripped, name))
    alone = survey(LinkedInput(debug, name))
    assert not alone.licences
    units = read(stripped, debug)
    assert versions(units) == versions(read(debug)) == small.versions
    assert {export.licence for unit in units for export in unit.exports} == {"GPL", ""}
    assert survey(LinkedInput(stripped, name, debug)).licences


def test_kernels_and_modules_are_recognised_by_content(tmp_path: Path) -> None:
    folder = tmp_path / "k"
    link(folder, "small.ko")
    assert is_linked(Image(folder / "small.ko"))
    assert not is_linked(Image(folder / "lib/one.o"))


def test_rules_of_the_source_are_in_no_linked_file(tmp_path: Path) -> None:
    path = link(tmp_path / "k", "vmlinux").path
    built = built_objects([survey(LinkedInput(path, "vmlinux"))])[0]
    with pytest.raises(Unsupported, match="kABI rules"):
        read_unit(built, stable=True)


def test_types_in_other_units_are_a_reason_and_not_the_end(tmp_path: Path) -> None:
    """Link-time optimisation leaves functions in one unit, and what they are instances of in others."""
    for name in ("one", "two", "plain"):
        body = f"struct s {{ int x; }}; int {name}(struct s *s) {{ return s->x; }} EXPORT({name});"
        (tmp_path / f"{name}.c").write_text(SOURCES["include/export.h"] + body)
    run("gcc", "-g", "-O2", "-flto", "-c", "one.c", "two.c", cwd=tmp_path)
    run("gcc", "-g", "-O2", "-c", "plain.c", cwd=tmp_path)
    together = ["-r", "-nostdlib", "-flinker-output=nolto-rel"]
    run("gcc", "-g", "-O2", "-flto", *together, "one.o", "two.o", "-o", "both.o", cwd=tmp_path)
    run("ld", "-r", "both.o", "plain.o", "-o", "all.ko", cwd=tmp_path)
    units = read(tmp_path / "all.ko")
    assert versions(units) == ExportReading(tmp_path / "plain.o").versions().versions
    assert reasons(units) == dict.fromkeys(("one", "two"), "a reference from one unit to another")


def test_damage_is_an_error_of_its_unit(tmp_path: Path) -> None:
    """Bytes of one unit that make no sense: the others keep their versions."""
    small = link(tmp_path / "k", "vmlinux")
    file = LinkedFile(small.path)
    start, end = file.units.bounds[0]
    data = bytearray(small.path.read_bytes())
    at = file.units.section.offset + (start + end) // 2
    objects = built_objects([survey(LinkedInput(small.path, "vmlinux"))])
    data[at : at + 40] = b"\xff" * 40
    small.path.write_bytes(data)
    found: list[ObjectVersions] = [read_unit(built).versions() for built in objects]
    assert len(found[0].versions) < len(objects[0].unit.exports if objects[0].unit else ())
    kept = versions(found[1:])
    assert kept
    assert all(small.versions[name] == crc for name, crc in kept.items())


def test_damage_to_what_is_read_last_is_an_error_of_its_unit_too(tmp_path: Path) -> None:
    small = link(tmp_path / "k", "vmlinux")
    (built, *others) = built_objects([survey(LinkedInput(small.path, "vmlinux"))])
    assert built.unit is not None
    assert built.unit.number is not None
    file = LinkedFile(small.path)
    info = file.units.read(built.unit.number)
    _, _, producer = DieReader(info, info.units[0]).root().attributes[AT_PRODUCER]
    data = bytearray(small.path.read_bytes())
    at = file.units.section.offset + info.base + producer
    data[at : at + 4] = b"\xff" * 4
    small.path.write_bytes(data)
    damaged = read_unit(built).versions()
    assert set(damaged.unversioned) == {export.name for export in built.unit.exports}
    assert "string offset 0xffffffff is outside" in next(iter(damaged.unversioned.values()))
    assert damaged.toolchain is None  # as of all that must not be kept
    assert all(read_unit(other).versions().versions for other in others if other.unit and other.unit.number)


def test_a_link_says_what_was_linked(tmp_path: Path) -> None:
    """The oracle of this file: objects have versions for all that the linker could keep."""
    small: Link = link(tmp_path / "k", "vmlinux")
    assert len(small.versions) == 14
    assert small.unversioned == {"only_here"}
