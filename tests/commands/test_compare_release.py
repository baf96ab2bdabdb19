"""What `kabicheck compare` makes of a build folder's `.config` and Module.symvers."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from kabicheck.cli import main
from tests.compare.fixture_pairs import compile_side

DATA = Path(__file__).parents[1] / "formats/data"
GENKSYMS = "CONFIG_MODVERSIONS=y\n# CONFIG_GENDWARFKSYMS is not set\n"
TRIMMED = "CONFIG_MODVERSIONS=y\nCONFIG_GENDWARFKSYMS=y\nCONFIG_TRIM_UNUSED_KSYMS=y\n"


def symvers(folder: Path, *exports: str, module: str = "vmlinux", macro: str = "EXPORT_SYMBOL") -> None:
    lines = (f"0x{number:08x}\t{name}\t{module}\t{macro}\t\n" for number, name in enumerate(exports, 1))
    (folder / "Module.symvers").write_text("".join(lines))


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Two build folders with an object of which two exports change and one does not."""
    for side in ("old", "new"):
        (tmp_path / side / "lib").mkdir(parents=True)
        shutil.copy(compile_side("member_retyped", side, tmp_path / "made"), tmp_path / side / "lib/x.o")
    return tmp_path / "old", tmp_path / "new"


@pytest.fixture
def recorded(tmp_path: Path) -> tuple[Path, Path]:
    """The same of genksyms: `walk` and `table` change, `counter` and `none` do not."""
    for side, name in (("g_old", "walk"), ("g_new", "walk_changed")):
        (tmp_path / side / "lib").mkdir(parents=True)
        shutil.copy(DATA / f"{name}.symtypes", tmp_path / side / "lib/walk.symtypes")
    return tmp_path / "g_old", tmp_path / "g_new"


def run(capsys: pytest.CaptureFixture[str], *sides: Path) -> tuple[int, str, list[str]]:
    """Status, report, and the notes of its header."""
    capsys.readouterr()
    status = main(["compare", *map(str, sides)])
    out, err = capsys.readouterr()
    assert not err
    return status, out, re.findall(r"^note: (.*)$", out, re.MULTILINE)


def test_a_tree_of_genksyms_is_told_what_its_loader_compares(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not any("versions by genksyms" in note for note in run(capsys, *builds)[2])
    for side in builds:
        (side / ".config").write_text(GENKSYMS)
    status, _, notes = run(capsys, *builds)
    assert status == 1
    assert any(note.startswith("this tree's modules carry versions by genksyms") for note in notes)
    (builds[1] / ".config").write_text(f"{GENKSYMS}CONFIG_HZ=250\n")
    assert any("the configuration differs: CONFIG_HZ" in note for note in run(capsys, *builds)[2])


def test_genksyms_files_are_read_where_its_versions_count(
    builds: tuple[Path, Path], recorded: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for build, folder in zip(builds, recorded, strict=True):
        shutil.copy(folder / "lib/walk.symtypes", build / "lib/walk.symtypes")
        (build / ".config").write_text(GENKSYMS)
    _, out, _ = run(capsys, *builds)
    assert "table 0x0285b718 → 0xc5ca290e, walk 0x2c84bd8f → 0x95b76909" in out
    for build in builds:
        (build / ".config").unlink()
    assert "struct async_domain" in run(capsys, *builds)[1]


def test_licences_and_modules_of_symtypes_are_those_of_module_symvers(
    recorded: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = recorded
    shutil.copy(old / "lib/walk.symtypes", new / "lib/walk.symtypes")
    symvers(old, "walk", "none")
    assert run(capsys, old, new)[0] == 0
    symvers(new, "walk", "none", macro="EXPORT_SYMBOL_GPL", module="lib/walk")
    status, out, _ = run(capsys, old, new)
    assert status == 1
    assert "walk: EXPORT_SYMBOL → EXPORT_SYMBOL_GPL  (lib/walk.o)" in out
    assert "none: moved from vmlinux to lib/walk  (lib/walk.o)" in out
    assert "4 exports compared" in out


def test_what_was_not_shipped_does_not_count(
    recorded: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for side in recorded:
        (side / ".config").write_text(TRIMMED)
        symvers(side, "counter", "none")
    status, out, notes = run(capsys, *recorded)
    assert status == 0
    assert "CONFIG_TRIM_UNUSED_KSYMS: the old side ships 2 of the 4 exports that were compared" in notes
    assert "2 exports differ that the old side does not ship: they do not count" in notes
    assert "struct node: member added" in out
    symvers(recorded[0], "counter", "none", "walk")
    symvers(recorded[1], "counter", "none", "walk")
    assert run(capsys, *recorded)[0] == 1


def test_what_is_not_shipped_any_more_is_removed(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    old, _ = builds
    new = old.with_name("trimmed")
    shutil.copytree(old, new)
    [name, *rest] = re.findall(r"^#SYMVER (\S+)", _symver(old / "lib/x.o", capsys), re.MULTILINE)
    (new / ".config").write_text(TRIMMED)
    symvers(new, *rest)
    status, out, notes = run(capsys, old, new)
    assert status == 1
    assert f"{name}: removed, was shipped  (lib/x.o)" in out
    assert "FAILED: 1 export removed" in out
    assert "1 export that the old side ships, the new side only exports" in notes
    (new / "Module.symvers").unlink()
    status, _, notes = run(capsys, old, new)
    assert status == 0
    assert "CONFIG_TRIM_UNUSED_KSYMS ships fewer symbols than the objects export" in notes


def _symver(file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["symver", "--exports", str(file)]) == 0
    return capsys.readouterr().out
