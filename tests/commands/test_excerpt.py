"""`kabicheck compare` of one file against a whole build."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.pipeline.desk import Desk, causes, compare, symtypes_of, write_builds

if TYPE_CHECKING:
    from pathlib import Path


WALK = ("s#node struct node { int a ; }", "walk int walk ( s#node * )")


EXPORTS_ALONE = b"""int alone;
asm(".section .export_symbol,\\"a\\"; __export_symbol_alone: .zero 2; .balign 8; .quad alone; .previous");
"""


OTHER = ("halt int halt ( )",)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    return write_builds(tmp_path)


def whole(desk: Desk, *walk: str) -> Path:
    desk.write("whole/lib/walk.symtypes", *walk)
    return desk.write("whole/lib/halt.symtypes", *OTHER).parents[1]


def changed() -> list[str]:
    return [WALK[0].replace("int a", "long a"), WALK[1]]


def test_a_symtypes_file_against_a_build(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    single, folder = desk.write("x.symtypes", *WALK), whole(desk, *changed())
    consolidated = desk.path / "all"
    assert main(["consolidate", str(folder), "-o", str(consolidated)]) == 0
    for build in (folder, consolidated):
        for sides in ((single, build), (build, single)):
            comparison = compare(*sides)
            assert causes(comparison) == {"s#node": ["walk"]}
            assert [change.name for change in comparison.changes] == ["walk"]  # nothing of `halt`
        assert main(["compare", str(single), str(build)]) == 1
        assert (
            "compared with lib/walk.o; 1 other object of that side were left out" in capsys.readouterr().out
        )


def test_one_object_against_a_build(
    builds: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = builds
    whole = tmp_path / "whole"
    shutil.copytree(old, whole)
    subprocess.run(
        ["gcc", "-g", "-c", "-x", "c", "-", "-o", whole / "lib/alone.o"], input=EXPORTS_ALONE, check=True
    )
    assert main(["compare", str(old / "lib/x.o"), str(new / "lib/x.o")]) == 1
    two_files = capsys.readouterr().out.partition("\n\n")[2]
    assert "keep the ABI: " in two_files
    assert main(["compare", str(whole), str(new / "lib/x.o")]) == 1
    found = capsys.readouterr().out
    assert "compared with lib/x.o; 1 other object of that side were left out" in found
    assert found.partition("\n\n")[2] == two_files
    assert compare(old / "lib/x.o", new).causes.keys() == compare(old, new).causes.keys()
    assert not compare(new, new / "lib/x.o").changes


def test_one_object_against_symtypes(builds: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = builds
    recorded = symtypes_of(old, tmp_path / "recorded")
    file, built = recorded / "lib/x.symtypes", new / "lib/x.o"
    by_objects = causes(compare(old / "lib/x.o", built))
    assert by_objects
    for sides in (
        (file, built),
        (recorded, built),
        (file, new),
        (built, file),
        (built, recorded),
        (new, file),
    ):
        assert causes(compare(*sides)) == by_objects
    assert not compare(file, old / "lib/x.o").changes
