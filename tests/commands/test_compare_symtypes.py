"""`kabicheck compare` on symtypes, alone and consolidated, and on unlike kinds.

The cases of suse-kabi-tools' own tests of `ksymtypes compare` and `ksymvers compare` are here with inputs of our own:
the same verdicts about the same symbols.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.formats.symtypes import write_symtypes
from kabicheck.model import ChangeKind
from kabicheck.pipeline.input_pairs import compare_inputs, of_equal_extent
from kabicheck.pipeline.inputs import read_input
from kabicheck.pipeline.reading import read_object
from tests.compare.fixture_pairs import compile_side

if TYPE_CHECKING:
    from kabicheck.model import Comparison
    from kabicheck.symver.object import ExportReading

DATA = Path(__file__).parents[1] / "formats/data"
INT = "base_type int byte_size(4) encoding(5)"


@dataclass
class Desk:
    """Where inputs are written."""

    path: Path

    def write(self, name: str, *lines: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines))
        return file

    def folder(self, name: str) -> Path:
        return self.path / name


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def compare(old: Path, new: Path) -> Comparison:
    old_side, new_side, _ = of_equal_extent(read_input(old), read_input(new))
    return compare_inputs(old_side, new_side)


def names(comparison: Comparison, kind: ChangeKind) -> set[str]:
    return {change.name for change in comparison.changes if change.kind is kind}


def causes(comparison: Comparison) -> dict[str, list[str]]:
    """Type or export → the exports that it changes."""
    return {c.reference: [name for _, name in c.exports] for c in comparison.causes.values()}


# --- suse-kabi-tools' cases ----------------------------------------------------------------------------


def test_identical(desk: Desk) -> None:
    old, new = desk.write("a.symtypes", "walk int walk ( )"), desk.write("b.symtypes", "walk int walk ( )")
    assert not compare(old, new).changes


def test_an_added_export(desk: Desk) -> None:
    old = desk.write("a.symtypes", "walk int walk ( )")
    new = desk.write("b.symtypes", "walk int walk ( )", "halt int halt ( )", "step int step ( )")
    assert names(compare(old, new), ChangeKind.ADDED) == {"halt", "step"}
    assert len(compare(old, new).changes) == 2


def test_a_removed_export(desk: Desk) -> None:
    old = desk.write("a.symtypes", "walk int walk ( )", "halt int halt ( )", "step int step ( )")
    new = desk.write("b.symtypes", "walk int walk ( )")
    assert names(compare(old, new), ChangeKind.REMOVED) == {"halt", "step"}
    assert main(["compare", str(old), str(new)]) == 1


def test_a_changed_type(desk: Desk) -> None:
    old = desk.write("a.symtypes", "s#leg struct leg { int a ; }", "walk int walk ( s#leg )")
    new = desk.write("b.symtypes", "s#leg struct leg { int a ; int b ; }", "walk int walk ( s#leg )")
    assert causes(compare(old, new)) == {"s#leg": ["walk"]}


def test_a_changed_type_below_a_changed_signature(desk: Desk) -> None:
    old = desk.write("a.symtypes", "s#leg struct leg { int a ; }", "walk int walk ( int n , s#leg )")
    new = desk.write("b.symtypes", "s#leg struct leg { int a ; int b ; }", "walk int walk ( s#leg , int n )")
    assert causes(compare(old, new)) == {"s#leg": ["walk"], "walk": ["walk"]}


def test_what_only_one_side_refers_to_is_no_cause(desk: Desk) -> None:
    old = desk.write("a.symtypes", "s#leg struct leg { int a ; }", "walk int walk ( s#leg )")
    new = desk.write("b.symtypes", "s#arm struct arm { int a ; }", "walk int walk ( s#arm )")
    assert causes(compare(old, new)) == {"walk": ["walk"]}


def test_lists_of_symbols(desk: Desk) -> None:
    rest = "s#leg struct leg { int a ; }", "walk int walk ( s#leg , int )", "halt int halt ( )"
    old = desk.write("a.symtypes", *rest)
    new = desk.write(
        "b.symtypes",
        "s#leg struct leg { int a ; int b ; }",
        "walk int walk ( s#leg , long )",
        "step int step ( )",
    )
    comparison = compare(old, new)
    assert names(comparison, ChangeKind.VERSION) == {"walk"}
    assert (names(comparison, ChangeKind.REMOVED), names(comparison, ChangeKind.ADDED)) == (
        {"halt"},
        {"step"},
    )


def test_one_cause_for_many_exports(desk: Desk) -> None:
    exports = [f"walk{n} int walk{n} ( s#leg , int )" for n in range(12)]
    old = desk.write("a.symtypes", "s#leg struct leg { int a ; }", *exports)
    exports[0] = exports[0].replace("int )", "long )")
    new = desk.write("b.symtypes", "s#leg struct leg { int a ; int b ; }", *exports)
    found = causes(compare(old, new))
    assert {name: len(explained) for name, explained in found.items()} == {"s#leg": 12, "walk0": 1}


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


SYMVERS = "0x12345678\twalk\tvmlinux\tEXPORT_SYMBOL\t"


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
    old, became = desk.write("a", SYMVERS), desk.write("b", new)
    found = {change.kind for change in compare(old, became).changes}
    assert found >= {kind} if kind else not found
    assert main(["compare", str(old), str(became)]) == status


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


# --- what is exact -------------------------------------------------------------------------------------


def test_only_what_reaches_a_difference_changes(desk: Desk) -> None:
    """With the versions that genksyms itself gave both sides."""
    old, new = DATA / "walk.symtypes", DATA / "walk_changed.symtypes"
    comparison = compare(old, new)
    symvers = [
        dict(re.findall(r"#SYMVER (\S+) (\S+)", (DATA / f"{name}.symver").read_text()))
        for name in ("walk", "walk_changed")
    ]
    found = {change.name: (change.old, change.new) for change in comparison.changes}
    assert found == {name: (symvers[0][name], symvers[1][name]) for name in ("walk", "table")}
    assert [name for *_, name in comparison.unchanged] == ["counter", "none"]


def test_exports_move_between_files(desk: Desk) -> None:
    desk.write("a/one.symtypes", "walk int walk ( int )", "halt int halt ( )")
    desk.write("b/one.symtypes", "halt int halt ( )")
    desk.write("b/two.symtypes", "walk int walk ( long )")
    assert causes(compare(desk.folder("a"), desk.folder("b"))) == {"walk": ["walk"]}


def test_a_declaration_here_and_a_definition_there_is_no_change(desk: Desk) -> None:
    for side in "ab":
        desk.write(f"{side}/one.symtypes", "s#leg struct leg { int a ; }", "walk int walk ( s#leg )")
        desk.write(f"{side}/two.symtypes", "s#leg struct leg { UNKNOWN }", "halt int halt ( s#leg * )")
    assert not compare(desk.folder("a"), desk.folder("b")).changes


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


# --- unlike kinds --------------------------------------------------------------------------------------


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    """Folders with one object before and after a change."""
    for side in ("old", "new"):
        (tmp_path / side / "lib").mkdir(parents=True)
        shutil.copy(compile_side("member_retyped", side, tmp_path / "made"), tmp_path / side / "lib/x.o")
    return tmp_path / "old", tmp_path / "new"


def reading(folder: Path) -> ExportReading:
    [built] = read_input(folder).objects.objects
    return read_object(built)


def symtypes_of(folder: Path, where: Path) -> Path:
    """What gendwarfksyms would write of lib/x.o."""
    (where / "lib").mkdir(parents=True)
    write_symtypes(where / "lib/x.symtypes", reading(folder).types())
    return where


def test_symtypes_against_objects(builds: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = builds
    recorded = symtypes_of(old, tmp_path / "recorded")
    assert not compare(recorded, old).changes
    one_way, other_way = compare(recorded, new), compare(new, recorded)
    assert list(causes(one_way)) == list(causes(other_way)) == list(causes(compare(old, new)))
    assert one_way.changes == compare(old, new).changes
    assert {(c.new, c.old) for c in other_way.changes} == {(c.old, c.new) for c in one_way.changes}


def test_symvers_against_objects_and_symtypes(
    builds: tuple[Path, Path], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = builds
    versions = {name: f"{crc:#010x}" for name, crc in reading(old).versions().versions.items()}
    was = {change.name: change.old for change in compare(old, new).changes}
    assert was.items() < versions.items()
    reference = desk.write(
        "Module.symvers",
        *(f"{crc}\t{name}\tlib/x\tEXPORT_SYMBOL\t" for name, crc in versions.items()),
    )
    for other in (new, symtypes_of(new, desk.path / "recorded")):
        comparison = compare(reference, other)
        assert names(comparison, ChangeKind.VERSION) == set(was)
        assert {c.name: c.old for c in comparison.changes if c.kind is ChangeKind.VERSION} == was
        assert {c.new for c in compare(other, reference).changes if c.kind is ChangeKind.VERSION} == set(
            was.values()
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
