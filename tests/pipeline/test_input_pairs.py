"""Symtypes files, alone and consolidated, lists of versions and objects, compared with each other.

The cases of suse-kabi-tools' own tests of `ksymtypes compare` and `ksymvers compare` are here and in
tests/commands/test_compare_symtypes.py, with inputs of our own: the same verdicts about the same symbols.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from pathlib import Path
from tests.pipeline.desk import DATA, Desk, causes, compare, names, symtypes_of, write_builds

SYMVERS = "0x12345678\twalk\tvmlinux\tEXPORT_SYMBOL\t"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    return write_builds(tmp_path)


def test_identical(desk: Desk) -> None:
    old, new = desk.write("a.symtypes", "walk int walk ( )"), desk.write("b.symtypes", "walk int walk ( )")
    assert not compare(old, new).changes


def test_an_added_export(desk: Desk) -> None:
    old = desk.write("a.symtypes", "walk int walk ( )")
    new = desk.write("b.symtypes", "walk int walk ( )", "halt int halt ( )", "step int step ( )")
    assert names(compare(old, new), ChangeKind.ADDED) == {"halt", "step"}
    assert len(compare(old, new).changes) == 2


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


def test_symtypes_against_objects(builds: tuple[Path, Path], tmp_path: Path) -> None:
    old, new = builds
    recorded = symtypes_of(old, tmp_path / "recorded")
    assert not compare(recorded, old).changes
    one_way, other_way = compare(recorded, new), compare(new, recorded)
    assert list(causes(one_way)) == list(causes(other_way)) == list(causes(compare(old, new)))
    assert one_way.changes == compare(old, new).changes
    assert {(c.new, c.old) for c in other_way.changes} == {(c.old, c.new) for c in one_way.changes}
