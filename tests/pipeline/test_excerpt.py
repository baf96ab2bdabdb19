"""One file against a whole build, and packed inputs."""

from __future__ import annotations

import gzip
import lzma
from typing import TYPE_CHECKING

import pytest
import zstandard

from kabicheck.errors import NoExports, ObjectError, UsageError
from kabicheck.model import ChangeKind
from kabicheck.pipeline.input_pairs import of_equal_extent
from kabicheck.pipeline.inputs import InputKind, read_input
from tests.pipeline.desk import Desk, causes, compare, names, reading, symtypes_of, write_builds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


WALK = ("s#node struct node { int a ; }", "walk int walk ( s#node * )")


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


def test_what_the_build_does_not_export_any_more(desk: Desk) -> None:
    single = desk.write("x.symtypes", *WALK, "gone int gone ( )")
    assert names(compare(single, whole(desk, *WALK)), ChangeKind.REMOVED) == {"gone"}
    assert names(compare(whole(desk, *WALK), single), ChangeKind.ADDED) == {"gone"}


def test_which_object_cannot_be_told(desk: Desk) -> None:
    single = desk.write("x.symtypes", "none int none ( )")
    with pytest.raises(UsageError, match="the two sides export nothing in common"):
        compare(single, whole(desk, *WALK))
    desk.write("whole/lib/again.symtypes", *WALK)
    with pytest.raises(UsageError, match=r"lib/again\.o, lib/walk\.o export the same"):
        compare(desk.write("y.symtypes", *WALK), desk.folder("whole"))
    empty = desk.write("z.symtypes", "s#a struct a { int x ; }")
    with pytest.raises(NoExports, match="exports nothing"):
        compare(empty, desk.folder("whole"))


def test_one_object_against_a_list_of_versions(builds: tuple[Path, Path], desk: Desk) -> None:
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
        *_, note = of_equal_extent(read_input(listed), read_input(single))
        assert note == "1 export of the whole list were left out: the other side is one object"
    strangers = desk.write("other", "0x00000001\tstranger\tvmlinux\tEXPORT_SYMBOL\t")
    with pytest.raises(UsageError, match="the two sides export nothing in common"):
        compare(strangers, new / "lib/x.o")


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


def test_a_file_that_is_there_packed_and_plain(desk: Desk) -> None:
    file = desk.write("a/x.symtypes.gz", *WALK)
    file.write_bytes(gzip.compress(file.read_bytes()))
    desk.write("a/x.symtypes", *changed())
    with pytest.raises(ObjectError, match=r"is there twice: x\.symtypes is the same file"):
        read_input(desk.folder("a"))
