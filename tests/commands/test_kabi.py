"""kABI rules outside the source, from the command line to the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.kabi_macros import compile_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

RULE = '[[kabi]]\nrule = "member_ignore"\ntarget = "s n"\n'
UNUSED = '[[kabi]]\nrule = "declonly"\ntarget = "nowhere"\n'


@pytest.fixture
def sides(tmp_path: Path) -> list[str]:
    """An object before and after a member was added into a hole."""
    header = "struct s { int a; %s long b; }; "
    return [
        str(compile_header(header % added, tmp_path / side / "x.o", "struct s v;", ("v",)))
        for side, added in (("old", ""), ("new", "int n;"))
    ]


@pytest.fixture
def compare(
    sides: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], tuple[int, str]]:
    """Compare both sides under these rules; the report is without the line that says how long it took."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    rules = tmp_path / "rules.toml"

    def run(text: str) -> tuple[int, str]:
        rules.write_text(text)
        capsys.readouterr()
        status = main(["compare", *sides, "--kabi", str(rules)])
        captured = capsys.readouterr()
        return status, (captured.out + captured.err).replace(str(rules), "rules.toml")

    return run


def test_a_comparison_under_rules(compare: Callable[[str], tuple[int, str]]) -> None:
    status, out = compare("")
    assert (status, "note:" in out) == (1, False)
    status, out = compare(RULE)
    assert status == 0
    assert "note: 1 kABI rule is applied from outside the source\n" in out
    assert "\nOK: 1 export compared, none changed; kABI rules hide 1 change, which is " in out


def test_a_rule_without_use_is_reported(compare: Callable[[str], tuple[int, str]]) -> None:
    status, out = compare(RULE + UNUSED)
    assert status == 0
    assert "note: 1 of 2 kABI rules are applied from outside the source\n" in out
    assert "note: rules.toml: [[kabi]] 2: declonly nowhere: applies to nothing\n" in out


def test_the_old_side_is_left_as_it_is(sides: list[str], compare: Callable[[str], tuple[int, str]]) -> None:
    sides.reverse()
    status, out = compare(RULE)
    assert status == 1
    assert "rules.toml: [[kabi]] 1: member_ignore s n: applies to nothing" in out


def test_an_error_names_the_file_and_the_key(compare: Callable[[str], tuple[int, str]]) -> None:
    status, out = compare(RULE.replace("target", "traget"))
    assert (status, out) == (
        2,
        'kabicheck: error: rules.toml: [[kabi]] 1: unknown key "traget" (did you mean target?)\n',
    )


def test_rules_need_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    types = tmp_path / "x.symtypes"
    types.write_text("v variable base_type int byte_size(4) encoding(5)\n")
    symvers = tmp_path / "Module.symvers"
    symvers.write_text("0x00000001\tf\tvmlinux\tEXPORT_SYMBOL\t\n")
    rules = tmp_path / "rules.toml"
    rules.write_text(RULE)
    for file in (types, symvers):
        assert main(["compare", str(file), str(file), "--no-cache", "--kabi", str(rules)]) == 2
        assert "kABI rules can only be applied to object files" in capsys.readouterr().err


# The demo's series changes a bit-field into a bool.
BASE = (
    "structure_type async_domain { member s#list_head pending data_member_location(0) , member base_type "
    "unsigned int byte_size(4) encoding(7) registered bit_size(1) data_bit_offset(128) } byte_size(24)"
)
STRING = f'[[kabi]]\nrule = "type_string"\ntarget = "s#async_domain"\nvalue = "{BASE}"\n'


def test_check_with_the_trees_own_rules(demo: DemoRepository, check: Callable[..., Run]) -> None:
    plain = check("--base", demo.base, "kernel/async.o")
    assert plain.verdict == "FAILED: 3 exports changed by 1 cause, 1 commit responsible"
    (demo.path / "kabicheck.toml").write_text(STRING)
    run = check("--base", demo.base, "kernel/async.o")
    assert run.status == 0
    assert run.verdict.startswith("OK: 5 exports compared, none changed; kABI rules hide 1 change, which is ")
    assert "1 kABI rule is applied from outside the source" in run.notes
    (demo.path / "kabi").mkdir()
    (demo.path / "kabi/rules.toml").write_text(STRING + UNUSED)
    (demo.path / "kabicheck.toml").write_text('kabi = "kabi/rules.toml"\n')
    run = check("--base", demo.base, "kernel/async.o")
    assert run.status == 0
    assert any(
        note.endswith("kabi/rules.toml: [[kabi]] 2: declonly nowhere: applies to nothing")
        for note in run.notes
    )
    other = demo.path / "other.toml"
    other.write_text(UNUSED)
    assert check("--base", demo.base, "--kabi", other, "kernel/async.o").verdict == plain.verdict
    assert "--no-stable leaves no use for kABI rules" in check("--no-stable", "kernel/async.o").error


def test_a_bare_repositorys_rules_are_heads(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    (demo.path / "kabicheck.toml").write_text('kabi = "rules.toml"\n')
    (demo.path / "rules.toml").write_text(STRING)
    demo.git("add", "kabicheck.toml", "rules.toml")
    demo.git("commit", "--quiet", "-m", "rules")
    demo.git("clone", "--quiet", "--bare", str(demo.path), str(tmp_path / "bare.git"))
    run = check("-C", tmp_path / "bare.git", "--base", demo.base, "kernel/async.o")
    assert run.status == 0
    assert run.verdict.startswith("OK: 5 exports compared, none changed; kABI rules hide 1 change, which is ")
