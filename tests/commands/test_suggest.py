"""`kabicheck suggest`: what it suggests keeps the versions, and what cannot be safe is not suggested."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, NamedTuple

import pytest

from kabicheck.cli import main
from tests.kabi_macros import compile_header
from tests.symver.kabi_cases import CASES, Case

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run


class Suggestion(NamedTuple):
    """macros: the calls that were printed; kept: whether a comparison under the rules is clean."""

    status: int
    out: str
    macros: list[str]
    kept: bool


@pytest.fixture
def suggest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Suggestion]:
    """Compile two headers with the same code, ask what helps, and compare both sides under it."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KABICHECK_TRACEBACK", "1")

    def run(old: str, new: str, code: str, *exports: str) -> Suggestion:
        sides = [
            str(compile_header(text, tmp_path / side / "x.o", code, exports))
            for side, text in (("old", old), ("new", new))
        ]
        rules = str(tmp_path / "rules.toml")
        capsys.readouterr()
        status = main(["suggest", *sides, "-o", rules])
        out = capsys.readouterr().out
        kept = main(["compare", "--stable", *sides, "--kabi", rules]) == 0
        assert ": applies to nothing" not in capsys.readouterr().out
        return Suggestion(status, out, re.findall(r"^ +(KABI_\w+\(.*\);)", out, re.MULTILINE), kept)

    return run


# A rule that somebody may write, and that is not suggested: the member is gone, and what took its place is smaller.
UNSAFE = {"a_bit_field"}


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.base and c.name not in UNSAFE], ids=lambda case: case.name
)
def test_what_a_macro_can_hide(case: Case, suggest: Callable[..., Suggestion]) -> None:
    """The macros that are printed are those in the header that was written with them by hand."""
    found = suggest(case.base, case.plain, case.code, *case.exports)
    assert (found.status, found.kept) == (0, True), found.out
    if "not_in_the_object" not in case.name:
        by_hand = re.findall(r"KABI_(?!RESERVE)\w+\((?:[^()]|\([^()]*\))*\);", case.inside)
        assert sorted(map(_dwarfs_words, found.macros)) == sorted(map(_dwarfs_words, by_hand))


def _dwarfs_words(call: str) -> str:
    """Compilers call `unsigned long` by another name."""
    return call.replace("long unsigned int", "unsigned long").replace("long int", "long")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("struct s { int a; int b; };", "struct s { int a; };", "b is gone, or something larger is at its place"),
        ("struct s { char a; int b; };", "struct s { int n; char a; int b; };", "a moved from offset 0 to offset 4"),
        ("struct s { long a; };", "struct s { char a; };", "a changed from long int to char, which has not the same"),
        ("struct s { long a; };", "struct s { char b; };", "a is gone, and b at its place has not the same size"),
        ("struct s { int (*op)(int); };", "struct s { int (*op)(long); };", "op is called in another way"),
        ("struct s { int a : 3; };", "struct s { int a : 5; };", "a changed from int : 3 to int : 5"),
        (
            "typedef struct { int a; } u_t; struct s { u_t u; };",
            "typedef union { int a; } u_t; struct s { u_t u; };",
            "a struct became a union",
        ),
        ("struct s { int a; };", "struct s { int a; } __attribute__((aligned(64)));", "its alignment changed"),
        ("struct s { enum { A, B } e; };", "struct s { enum { B, A } e; };", "e changed from enum { A = 0, B = 1 }"),
        ("enum e { A, B }; struct s { enum e e; };", "enum e { B, A }; struct s { enum e e; };", "A changed from 0"),
        ("enum e { A, B }; struct s { enum e e; };", "enum e { A }; struct s { enum e e; };", "enumerator B is gone"),
        (
            "struct t { int a; }; struct s { struct t t; int b; };",
            "struct t { int a; int n; }; struct s { struct t t; int b; };",
            "it is a part of struct s: b moved from offset 4 to offset 8",
        ),
        (
            "struct t { int a; }; struct s { struct t *p; }; extern struct t list[2];",
            "struct t { int a; int n; }; struct s { struct t *p; }; extern struct t list[2];",
            "it grows, and list is an array of it, or has one",
        ),
        (
            "typedef struct t { int a; } t_t; struct s { t_t *p; void (*f)(t_t); };",
            "typedef struct t { int a; int n; } t_t; struct s { t_t *p; void (*f)(t_t); };",
            "it grows, and struct s passes it by value",
        ),
    ],
)  # fmt: skip
def test_what_no_rule_may_hide(old: str, new: str, why: str, suggest: Callable[..., Suggestion]) -> None:
    code, exports = "struct s v;", ["v"]
    if "list" in old:
        code, exports = "struct s v; struct t list[2];", ["v", "list"]
    found = suggest(old, new, code, *exports)
    assert (found.status, found.kept, found.macros) == (1, False, []), found.out
    assert "no rule is safe: " in found.out
    assert why in found.out


# --- in other commands -----------------------------------------------------------------------------------


def test_a_line_in_each_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = "struct s { int a; long b; }; struct t { int a; int b; }; enum e { A, B }; struct u { long a; };"
    new = "struct s { int a; int n; long b; }; struct t { int b; }; enum e { A_, B }; struct u { char *b; };"
    code, exports = "struct s v; struct t w; enum e x; struct u y;", ("v", "w", "x", "y")
    sides = [
        str(compile_header(text, tmp_path / side / "x.o", code, exports))
        for side, text in (("old", old), ("new", new))
    ]
    assert main(["compare", "--no-cache", *sides]) == 1
    lines = re.findall("^  keep the ABI: (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert lines == [
        'KABI_TYPE_STRING("e#e", "enumeration_type e { enumerator A = 0 , enumerator B = 1 } byte_size(4)");',
        "KABI_IGNORE(0, int n);",
        "no rule is safe: a is gone, or something larger is at its place",
        "KABI_REPLACE(long int, a, char *b); (take care: what modules do with a as it was must still work)",
    ]


def test_after_a_check(demo: DemoRepository, check: Callable[..., Run]) -> None:
    (demo.path / "include/linux/async.h").write_text(
        re.sub(
            r"(struct async_domain \{\n.*\n).*\n",
            r"\1\tunsigned int registered : 1;\n\tunsigned int late;\n",
            (demo.path / "include/linux/async.h").read_text(),
        )
    )
    demo.git("commit", "--quiet", "-a", "-m", "add a member")
    run = check("--base", demo.base, "--suggest", "kernel/async.o")
    assert run.status == 1
    assert "  keep the ABI: " in run.out
    assert '    rule = "member_ignore"\n    target = "async_domain late"\n' in run.out.replace(
        "      ", "    "
    )
    assert run.verdict.startswith("3 of 3 changed exports can be kept, with 1 rule")
    document = check("--base", demo.base, "--suggest", "-o", "json", "kernel/async.o")
    assert json.loads(document.out)["failed"]
    assert 'rule = "member_ignore"' in document.err
