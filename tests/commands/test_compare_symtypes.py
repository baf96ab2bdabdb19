"""`kabicheck compare` on symtypes and lists of versions: exit statuses, notes and errors."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from pathlib import Path
from tests.pipeline.desk import DATA, INT, Desk, causes, compare, names, reading, symtypes_of, write_builds

SYMVERS = "0x12345678\twalk\tvmlinux\tEXPORT_SYMBOL\t"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    return write_builds(tmp_path)


def test_a_removed_export(desk: Desk) -> None:
    old = desk.write("a.symtypes", "walk int walk ( )", "halt int halt ( )", "step int step ( )")
    new = desk.write("b.symtypes", "walk int walk ( )")
    assert names(compare(old, new), ChangeKind.REMOVED) == {"halt", "step"}
    assert main(["compare", str(old), str(new)]) == 1


def test_a_folder_and_a_consolidated_file(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write("a/lib/one.symtypes", "s#leg struct leg { int a ; }", "walk void walk ( s#leg )")
    desk.write("a/lib/two.symtypes", "s#leg struct leg { UNKNOWN }", "halt void halt ( s#leg * )")
    new = desk.write(
        "b.kabi",
        *("/* lib/one.symtypes */", "s#leg struct leg { long a ; }", "walk void walk ( s#leg )", ""),
        *("/* lib/two.symtypes */", "s##leg", "halt void halt ( s#leg * )"),
    )
    assert causes(compare(desk.folder("a"), new)) == {"s#leg": ["walk"]}
    assert main(["compare", str(desk.folder("a")), str(new)]) == 1
    assert main(["compare", str(new), str(new)]) == 0
    assert "2 × 2 objects · 2 exports compared" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("new", "kind", "status"),
    [
        (SYMVERS, None, 0),
        (SYMVERS.replace("0x12345678", "0x09abcdef"), ChangeKind.VERSION, 1),
        (f"{SYMVERS}_GPL\t".replace("\t_GPL", "_GPL"), ChangeKind.LICENCE, 1),
        (SYMVERS.replace("walk", "halt"), ChangeKind.REMOVED, 1),
        (f"{SYMVERS}\n{SYMVERS.replace('walk', 'halt')}", ChangeKind.ADDED, 0),
    ],
)
def test_symvers(new: str, kind: ChangeKind | None, status: int, desk: Desk) -> None:
    old_list, new_list = desk.write("a", SYMVERS), desk.write("b", new)
    found = {change.kind for change in compare(old_list, new_list).changes}
    assert found >= {kind} if kind else not found
    assert main(["compare", str(old_list), str(new_list)]) == status


def test_a_licence_that_is_not_asked_for_any_more(desk: Desk) -> None:
    gpl = SYMVERS.replace("EXPORT_SYMBOL", "EXPORT_SYMBOL_GPL")
    assert main(["compare", str(desk.write("a", gpl)), str(desk.write("b", SYMVERS))]) == 0


def test_only_what_a_module_kabi_lists(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    listed = desk.write("Module.kabi_x86_64", SYMVERS.rstrip("\t"))
    whole = desk.write("Module.symvers", SYMVERS, SYMVERS.replace("walk", "halt"))
    assert main(["compare", str(listed), str(whole)]) == 0
    out = capsys.readouterr().out
    assert "note: Module.kabi does not list 1 export of the new side" in out
    assert "OK: 1 export compared, none changed" in out
    gone = desk.write("gone", SYMVERS.replace("walk", "halt"))
    assert names(compare(listed, gone), ChangeKind.REMOVED) == {"walk"}
    assert main(["compare", str(listed), str(gone)]) == 1


def test_a_module_kabi_without_namespaces_says_nothing_of_them(desk: Desk) -> None:
    """Red Hat's has four columns, whatever namespaces its exports have."""
    listed = desk.write("Module.kabi_x86_64", SYMVERS.rstrip("\t"))
    spaced = desk.write("spaced", SYMVERS + "NET")
    assert main(["compare", str(listed), str(spaced)]) == 0
    assert [name for _, _, name in compare(listed, spaced).unchanged] == ["walk"]
    listed = desk.write("Module.kabi_aarch64", SYMVERS + "NET", SYMVERS.replace("walk", "halt"))
    elsewhere = desk.write("elsewhere", SYMVERS + "CRYPTO", SYMVERS.replace("walk", "halt"))
    assert names(compare(listed, elsewhere), ChangeKind.NAMESPACE) == {"walk"}


def test_files_without_exports_are_passed_over(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.write("a/one.symtypes", "walk int walk ( )")
    desk.write("a/empty.symtypes")
    assert main(["compare", str(desk.folder("a")), str(desk.folder("a"))]) == 0
    desk.write("b/one.symtypes", "s#leg struct leg { int a ; }")
    assert main(["compare", str(desk.folder("b")), str(desk.folder("b"))]) == 2
    assert "no exported symbol" in capsys.readouterr().err


@pytest.mark.parametrize("mixed_in_one", [True, False])
def test_two_tools_are_not_compared(
    mixed_in_one: bool, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    old = desk.write("a/one.symtypes", "walk int walk ( )").parent
    new = desk.write("b/one.symtypes", f"walk subprogram ( ) -> {INT}").parent
    if mixed_in_one:
        shutil.copy(new / "one.symtypes", old / "two.symtypes")
        new = old
    assert main(["compare", str(old), str(new)]) == 2
    error = capsys.readouterr().err
    assert "genksyms" in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("form", ["file", "folder"])
def test_what_a_reference_file_overrides_does_not_count(
    form: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `genksyms --reference FILE --preserve`, which then prints the versions of the old side."""
    lines = (DATA / "walk.symtypes").read_text().splitlines()
    old = desk.write("a/walk.symref", *("override " * line.startswith("s#node") + line for line in lines))
    new = desk.write("b/walk.symtypes", (DATA / "walk_changed.symtypes").read_text().rstrip("\n"))
    if form == "folder":
        old, new = old.parent, new.parent
    assert main(["compare", str(old), str(new)]) == 0
    assert f"note: changes that {old} overrides do not count: s#node (1 in all)" in capsys.readouterr().out
    plain = desk.write("walk.symref", *lines)
    assert main(["compare", str(plain), str(DATA / "walk_changed.symtypes")]) == 1


def test_symvers_against_objects_and_symtypes(
    builds: tuple[Path, Path], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = builds
    versions = {name: f"{crc:#010x}" for name, crc in reading(old).versions().versions.items()}
    old_versions = {change.name: change.old for change in compare(old, new).changes}
    assert old_versions.items() < versions.items()
    reference = desk.write(
        "Module.symvers",
        *(f"{crc}\t{name}\tlib/x\tEXPORT_SYMBOL\t" for name, crc in versions.items()),
    )
    for other in (new, symtypes_of(new, desk.path / "recorded")):
        comparison = compare(reference, other)
        assert names(comparison, ChangeKind.VERSION) == set(old_versions)
        assert {c.name: c.old for c in comparison.changes if c.kind is ChangeKind.VERSION} == old_versions
        assert {c.new for c in compare(other, reference).changes if c.kind is ChangeKind.VERSION} == set(
            old_versions.values()
        )
    other = desk.write("other", *(f"0x00000001\t{name}\tlib/x\tEXPORT_SYMBOL\t" for name in versions))
    assert main(["compare", str(other), str(new)]) == 2
    assert "no export has the same version on both sides" in capsys.readouterr().err


def test_symtypes_of_genksyms_against_objects(
    builds: tuple[Path, Path], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = desk.write("g/lib/x.symtypes", "walk int walk ( )").parents[1]
    assert main(["compare", str(recorded), str(builds[0])]) == 2
    assert "symtypes of genksyms cannot be compared with object files" in capsys.readouterr().err
