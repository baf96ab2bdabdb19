"""What kABI rules hide is compared all the same, and said: a run under rules lists it, graded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from kabicheck.cli import main
from tests.kabi_macros import compile_header

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CODE, EXPORTS = "int f(struct s *p) { return !p; }", ("f",)
OPAQUE = "struct o {{ {} }}; struct s {{ struct o *o; int a; }};"


class Compared:
    """One comparison. hidden: (title, summary, severity, by) of what the JSON report lists."""

    def __init__(self, status: int, out: str, report: dict[str, Any]) -> None:
        self.status, self.out = status, out
        self.verdict = out.rstrip("\n").rpartition("\n")[2]
        self.hidden = [
            (each["title"], each["summary"], each["severity"], each["by"]) for each in report["hidden"]
        ]


@pytest.fixture
def compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Compared]:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KABICHECK_TRACEBACK", "1")

    def run(old: str, new: str, *options: str) -> Compared:
        sides = [
            str(compile_header(text, tmp_path / side / "x.o", CODE, EXPORTS))
            for side, text in (("old", old), ("new", new))
        ]
        capsys.readouterr()
        document = tmp_path / "report.json"
        status = main(["compare", *sides, "-o", "text", "-o", f"json:{document}", *options])
        return Compared(status, capsys.readouterr().out, json.loads(document.read_text()))

    return run


def test_a_declonly_that_was_kept_hides_what_comes_later(compare: Callable[..., Compared]) -> None:
    """The rule was right when it was written: nobody had seen the definition."""
    rule = "KABI_DECLONLY(o);"
    sides = OPAQUE.format("int x;") + rule, OPAQUE.format("long first; int x;") + rule
    for _ in range(2):  # calculated, then known to the index
        found = compare(*sides, "--stable")
        [(title, summary, severity, by)] = found.hidden
        assert (found.status, title, severity, by) == (0, "struct o", "breaking", ["declonly o"])
        assert "member added" in summary
        assert found.verdict == (
            "OK: 1 export compared, none changed; kABI rules hide 1 change, which is breaking"
        )
        assert "hidden by kABI rules: 1 change\n    struct o: " in found.out
        assert "hidden by declonly o from 1 export" in found.out
    assert compare(*sides).status == 1  # without --stable it is no secret
    assert not compare(sides[0], sides[0], "--stable").hidden


def test_rules_outside_the_source_and_members(compare: Callable[..., Compared], tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[kabi]]\nrule = "declonly"\ntarget = "o"\n')
    declared = "struct o; struct s {{ struct o *o; int a; {} }};"
    defined = "struct o {{ int x; }}; struct s {{ struct o *o; int a; {} }};"
    found = compare(
        declared.format("KABI_RESERVE(1);"), defined.format("KABI_USE(1, void *p);"), "--kabi", str(rules)
    )
    assert found.status == 0
    by = {title: by for title, _, _, by in found.hidden}
    assert by == {"struct o": ["declonly o"], "struct s": ["__kabi_* members"]}


def test_what_is_shown_is_not_hidden(compare: Callable[..., Compared]) -> None:
    """A member is ignored, and another one is not."""
    found = compare(
        "struct s { char a; long b; };",
        "struct s { char a; KABI_IGNORE(0, int n); long b; long c; };",
        "--stable",
    )
    assert found.status == 1
    assert "struct s: member added, size 16 → 24" in found.out
    [(title, summary, _, by)] = found.hidden
    assert (title, by) == ("struct s", ["__kabi_* members"])
    assert "size" not in summary


def test_what_a_type_string_of_an_export_hides_behind_it(compare: Callable[..., Compared]) -> None:
    """The type differs under rules, too, but no version is made of it any more."""
    rule = 'KABI_TYPE_STRING("f", "subprogram ( ) -> base_type void");'
    found = compare(f"struct s {{ int a; }}; {rule}", f"struct s {{ long a; }}; {rule}", "--stable")
    assert found.status == 0
    [(title, _, severity, _)] = found.hidden
    assert (title, severity) == ("struct s", "breaking")
