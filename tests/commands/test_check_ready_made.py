"""`kabicheck check` with ready-made objects on one side or both, and what makes two sides incomparable."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING

import pytest

from kabicheck.pipeline.attribution.culprit_search import NO_RANGE
from tests.commands.junit_reports import ASYNC, failures, junit
from tests.commands.maker import Maker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run


@pytest.fixture(scope="session")
def builds(
    shared: tuple[DemoRepository, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """The build folders of the series' first and last commit."""
    demo = shared[0]
    make = Maker(demo, tmp_path_factory.mktemp("builds"))
    return make.build(demo.base), make.build(demo.commits[-1].id)


@pytest.fixture
def make(demo: DemoRepository, tmp_path: Path) -> Maker:
    folder = tmp_path / "builds"
    folder.mkdir()
    return Maker(demo, folder)


def pack(build: Path, archive: Path) -> Path:
    """What a continuous integration would keep of a build: everything."""
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(build, ".")
    return archive


def without_places(run: Run) -> list[str]:
    """The report after its header, less the places of declarations: of these builds only make knows the source."""
    return [re.sub(r" +\S+:\d+$", "", line) for line in run.out.splitlines()[2:]]


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_both_sides_ready_made(
    builds: tuple[Path, Path], demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, packed: bool
) -> None:
    """No repository is needed, and nothing but where the objects are differs from a check that builds."""
    built = check("--base", demo.base, "--attribution", "off")
    old, new = (pack(build, tmp_path / f"{n}.tar.gz") for n, build in enumerate(builds)) if packed else builds
    run = check("-C", "/", "--base-objects", old, "--head-objects", new, "--attribution", "off")
    assert run.out.startswith(f"base {old} → head {new} · x86_64 · ")
    assert without_places(run) == without_places(built)
    assert (run.status, run.notes) == (1, [])


def test_whose_commits_are_not_known(builds: tuple[Path, Path], check: Callable[..., Run]) -> None:
    """Nobody can be named, and that is said."""
    run = check("--base-objects", builds[0], "--head-objects", builds[1])
    assert run.notes == [NO_RANGE]
    same = check("--base-objects", builds[0], "--head-objects", builds[0])
    assert same.notes == [], "nobody is missed"


@pytest.mark.parametrize("side", ["base", "head"])
def test_one_side_ready_made(
    builds: tuple[Path, Path], demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, side: str
) -> None:
    xml = tmp_path / "report.xml"
    build = builds[side == "head"]
    run = check("--base", demo.base, f"--{side}-objects", build, "-o", "text", "-o", f"junit:{xml}")
    assert f"ready-made: {build})" in run.out.splitlines()[0]
    assert failures(xml) == ASYNC | {"i2c_transfer"}
    assert len(junit(xml)) == 31
    assert run.notes == []


@pytest.mark.parametrize("sides", ["base", "head", "both"])
def test_targets_choose_from_what_is_ready_made(
    builds: tuple[Path, Path], demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, sides: str
) -> None:
    """A folder that is not asked for is not gone."""
    xml = tmp_path / "report.xml"
    options = [
        option
        for side, build in zip(("base", "head"), builds, strict=True)
        if sides in (side, "both")
        for option in (f"--{side}-objects", build)
    ]
    run = check("--base", demo.base, *options, "drivers/i2c", "lib/crc32.o", "-o", f"junit:{xml}")
    assert run.status == 1
    assert junit(xml).keys() == {"crc32_le", "i2c_add_adapter", "i2c_smbus_xfer", "i2c_transfer"}
    assert failures(xml) == {"i2c_transfer"}


def test_a_target_that_ready_made_objects_lack(
    builds: tuple[Path, Path], demo: DemoRepository, check: Callable[..., Run]
) -> None:
    run = check("--base-objects", builds[0], "--head-objects", builds[1], "lib/", "gone/")
    assert run.error == "neither side has gone/ (is the target spelled right?)"


def test_configurations_that_differ_are_remarked_on(
    builds: tuple[Path, Path], make: Maker, check: Callable[..., Run]
) -> None:
    other = make.build(make.demo.base, config="CONFIG_DEBUG_KOBJECT_RELEASE=y\n# CONFIG_CRC32 is not set\n")
    run = check("--base-objects", builds[0], "--head-objects", other)
    differs = "the configuration differs: CONFIG_CRC32 y → n, CONFIG_DEBUG_KOBJECT_RELEASE n → y"
    assert run.notes == [differs, NO_RANGE]
    assert run.status == 1
    assert "struct kobject: member added" in run.out


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ("-gdwarf-4", "DWARF version 5 on the old side, 4 on the new one"),
        pytest.param(
            "-m32",
            "machine x86_64 on the old side, 386 on the new one",
            marks=pytest.mark.skipif(platform.machine() != "x86_64", reason="-m32 is of x86_64 only"),
        ),
    ],
)
def test_incomparable_builds(
    builds: tuple[Path, Path], make: Maker, check: Callable[..., Run], flags: str, complaint: str
) -> None:
    other = make.build(make.demo.base, "lib/", f"KCFLAGS={flags}")
    error = check("--base-objects", builds[0], "--head-objects", other, "lib/").error
    assert error == f"lib/crc32.o: {complaint} (build both sides with the same toolchain and configuration)"


def rebrand(build: Path, folder: Path, name: bytes, other: bytes) -> Path:
    """A copy of lib/ of a build whose debug information names another compiler."""
    copy = folder / "copy"
    shutil.copytree(build / "lib", copy / "lib")
    for obj in copy.glob("lib/*.o"):
        data = obj.read_bytes()
        assert name in data
        obj.write_bytes(data.replace(name, other.ljust(len(name))))
    return copy


def test_another_compiler(builds: tuple[Path, Path], check: Callable[..., Run], tmp_path: Path) -> None:
    other = rebrand(builds[0], tmp_path, b"GNU C11", b"clang c")
    error = check("--base-objects", builds[0], "--head-objects", other, "lib/").error
    assert error.startswith("lib/crc32.o: compiler GNU C on the old side, clang c on the new one")


def test_another_version_of_the_compiler_is_remarked_on(
    builds: tuple[Path, Path], check: Callable[..., Run], tmp_path: Path
) -> None:
    other = rebrand(builds[0], tmp_path, b"GNU C11 ", b"GNU C17 ")
    run = check("--base-objects", builds[0], "--head-objects", other, "lib/")
    [note] = run.notes
    assert note.startswith("compiled by GNU C11 ")
    assert "on the old side, by GNU C17 " in note
    assert (run.status, run.verdict) == (0, "OK: 11 exports compared, none changed")


@pytest.fixture
def damaged(builds: tuple[Path, Path], tmp_path: Path) -> Path:
    """A build folder to damage."""
    copy = tmp_path / "damaged"
    shutil.copytree(builds[1], copy, symlinks=True)
    return copy


@pytest.mark.parametrize("kept", [0, 40, 0.3, 0.7, 0.99], ids=str)
@pytest.mark.parametrize("name", ["lib/crc32.o", "drivers/i2c/i2c-core-smbus.o", "kernel/ftrace_stub.o"])
def test_a_truncated_object(
    damaged: Path, builds: tuple[Path, Path], check: Callable[..., Run], name: str, kept: float
) -> None:
    data = (damaged / name).read_bytes()
    (damaged / name).write_bytes(data[: int(kept if kept >= 1 else kept * len(data))])
    error = check("--base-objects", builds[0], "--head-objects", damaged).error
    assert name in error


def test_not_an_elf_file(damaged: Path, builds: tuple[Path, Path], check: Callable[..., Run]) -> None:
    """What clang writes with LTO: it may well export, and nobody could tell."""
    (damaged / "lib/crc32.o").write_bytes(b"BC\xc0\xde" + bytes(100))
    error = check("--base-objects", builds[0], "--head-objects", damaged).error
    assert error.startswith(f"{damaged}/lib/crc32.o: not an ELF file")


def test_no_debug_information(damaged: Path, builds: tuple[Path, Path], check: Callable[..., Run]) -> None:
    subprocess.run(["objcopy", "--strip-debug", damaged / "lib/crc32.o"], check=True)
    error = check("--base-objects", builds[0], "--head-objects", damaged).error
    assert error.startswith(f"{damaged}/lib/crc32.o: no debug information")


def test_an_assembly_export_without_its_stand_in(
    damaged: Path, builds: tuple[Path, Path], check: Callable[..., Run]
) -> None:
    """What the assembler says of a function's type is nothing, and must not be compared with what the compiler says."""
    (damaged / "kernel/ftrace_stub.gendwarfksyms.o").unlink()
    error = check("--base-objects", builds[0], "--head-objects", damaged).error
    assert error.startswith("kernel/ftrace_stub.o: compiler GNU C on the old side, GNU AS on the new one")


def test_no_exports(builds: tuple[Path, Path], check: Callable[..., Run], tmp_path: Path) -> None:
    error = check("--base-objects", builds[0], "--head-objects", tmp_path).error
    assert error == f"{tmp_path}: no object file in it exports a symbol"


def test_no_objects_at_all(builds: tuple[Path, Path], check: Callable[..., Run], tmp_path: Path) -> None:
    error = check("--base-objects", builds[0], "--head-objects", tmp_path / "none").error
    assert error.startswith(f"{tmp_path}/none: ")


def test_a_truncated_archive(builds: tuple[Path, Path], check: Callable[..., Run], tmp_path: Path) -> None:
    archive = pack(builds[1], tmp_path / "head.tar.gz")
    archive.write_bytes(archive.read_bytes()[:-1000])
    error = check("--base-objects", builds[0], "--head-objects", archive).error
    assert error.startswith(f"{archive}: ")
