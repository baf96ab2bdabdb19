"""One file against a whole build, and packed inputs."""

from __future__ import annotations

import gzip
import lzma
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
import zstandard

from kabicheck.cli import main
from kabicheck.model import ChangeKind
from kabicheck.pipeline.inputs import InputKind, read_input
from tests.commands.test_compare_symtypes import Desk, builds, causes, compare, names, reading, symtypes_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["builds"]  # a fixture
WALK = ("s#node struct node { int a ; }", "walk int walk ( s#node * )")
EXPORTS_ALONE = b"""int alone;
asm(".section .export_symbol,\\"a\\"; __export_symbol_alone: .zero 2; .balign 8; .quad alone; .previous");
"""
OTHER = ("halt int halt ( )",)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


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


def test_what_the_build_does_not_export_any_more(desk: Desk) -> None:
    single = desk.write("x.symtypes", *WALK, "gone int gone ( )")
    assert names(compare(single, whole(desk, *WALK)), ChangeKind.REMOVED) == {"gone"}
    assert names(compare(whole(desk, *WALK), single), ChangeKind.ADDED) == {"gone"}


def test_which_object_cannot_be_told(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    single = desk.write("x.symtypes", "none int none ( )")
    assert main(["compare", str(single), str(whole(desk, *WALK))]) == 2
    assert "the two sides export nothing in common" in capsys.readouterr().err
    desk.write("whole/lib/again.symtypes", *WALK)
    assert main(["compare", str(desk.write("y.symtypes", *WALK)), str(desk.folder("whole"))]) == 2
    assert "lib/again.o, lib/walk.o export the same" in capsys.readouterr().err
    empty = desk.write("z.symtypes", "s#a struct a { int x ; }")
    assert main(["compare", str(empty), str(desk.folder("whole"))]) == 2
    assert "exports nothing" in capsys.readouterr().err


def test_one_object_against_a_list_of_versions(
    builds: tuple[Path, Path], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = builds
    versions = {name: f"{crc:#010x}" for name, crc in reading(old).versions().versions.items()}
    lines = [f"{crc}\t{name}\tlib/x\tEXPORT_SYMBOL\t" for name, crc in versions.items()]
    listed = desk.write("Module.symvers", *lines, "0x00000001\tstranger\tvmlinux\tEXPORT_SYMBOL\t")
    changed = {change.name for change in compare(old, new).changes}
    for single in (new / "lib/x.o", symtypes_of(new, desk.path / "recorded") / "lib/x.symtypes"):
        assert names(compare(listed, single), ChangeKind.VERSION) == changed
        assert {
            change.name for change in compare(listed, single).changes
        } == changed  # nothing of the stranger
        assert main(["compare", str(listed), str(single)]) == 1
        assert "1 export of the whole list were left out" in capsys.readouterr().out
    strangers = desk.write("other", "0x00000001\tstranger\tvmlinux\tEXPORT_SYMBOL\t")
    assert main(["compare", str(strangers), str(new / "lib/x.o")]) == 2
    assert "the two sides export nothing in common" in capsys.readouterr().err


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


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress, zstandard.compress])
def test_packed_inputs(pack: Callable[[bytes], bytes], desk: Desk) -> None:
    """What a file is says its content, however it is packed and called."""

    def packed(name: str, *lines: str) -> Path:
        file = desk.write(name, *lines)
        file.write_bytes(pack(file.read_bytes()))
        return file

    old, new = packed("old/lib/x.symtypes.gz", *WALK), packed("new/lib/x.symtypes.zst", *changed())
    assert causes(compare(old, new)) == {"s#node": ["walk"]}
    assert causes(compare(desk.folder("old"), desk.folder("new"))) == {"s#node": ["walk"]}
    plain = desk.write("plain/lib/x.symtypes", *WALK).parents[1]
    assert not compare(plain, desk.folder("old")).changes
    sections = packed("all.xz", "/* lib/x.symtypes */", *changed())
    assert causes(compare(desk.folder("old"), sections)) == {"s#node": ["walk"]}
    listed = packed("symvers-7.3.gz", "0x0000000a\tf\tvmlinux\tEXPORT_SYMBOL_GPL\t")
    assert read_input(listed).kind is InputKind.SYMVERS
    turned = desk.write("abi", "EXPORT_SYMBOL_GPL vmlinux 0x0000000b\tf")
    assert names(compare(listed, turned), ChangeKind.VERSION) == {"f"}
    kabi = packed("Module.kabi_x86_64.gz", "0x0000000a\tf\tvmlinux\tEXPORT_SYMBOL_GPL")
    assert read_input(kabi).kind is InputKind.KABI


def test_a_file_that_is_there_packed_and_plain(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    file = desk.write("a/x.symtypes.gz", *WALK)
    file.write_bytes(gzip.compress(file.read_bytes()))
    desk.write("a/x.symtypes", *changed())
    assert main(["compare", str(desk.folder("a")), str(desk.folder("a"))]) == 2
    assert "is there twice: x.symtypes is the same file" in capsys.readouterr().err
