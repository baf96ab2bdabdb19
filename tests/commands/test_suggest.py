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


# Rules that somebody may write, and that are not suggested: a member is gone, and what took its place is smaller or of
# another type; or modules may have the structure within one of their own.
UNSAFE = {
    "a_bit_field",
    "replace",
    "replace_by_what_is_not_in_the_object",
    "typedef_of_an_unnamed_structure",
}
# That what `struct s v` makes an export of is the kernel's, only a function says.
VARIABLE, HANDED_OUT = "struct s v;", "struct s *v(void) { return 0; }"


@pytest.mark.parametrize(
    "case", [c for c in CASES if c.base and c.name not in UNSAFE], ids=lambda case: case.name
)
def test_what_a_macro_can_hide(case: Case, suggest: Callable[..., Suggestion]) -> None:
    """The macros that are printed are those in the header that was written with them by hand."""
    found = suggest(case.base, case.plain, case.code.replace(VARIABLE, HANDED_OUT), *case.exports)
    assert (found.status, found.kept) == (0, True), found.out
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
            "it grows, and struct s has it as a member",
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


# What an old module does with each, and so why none may be hidden.
POINTED = "int f(struct s *p) { return !p; }"
WORDS = "typedef unsigned char u8; typedef unsigned int u32; typedef unsigned long u64; typedef _Bool bool;"


@pytest.mark.parametrize(
    ("old", "new", "why", "code"),
    [
        # It passes 1, which means something else now.
        (
            "enum e { START, STOP }; struct s { enum e e; };",
            "enum e { START, MOVE, STOP }; struct s { enum e e; };",
            "STOP changed from 1 to 2: what modules pass for it means MOVE now",
            POINTED,
        ),
        (
            "enum e { E_A, E_MAX = 9, E_B }; struct s { enum e e; };",
            "enum e { E_A, E_MAX = 10, E_B }; struct s { enum e e; };",
            "E_MAX changed from 9 to 10",
            POINTED,
        ),
        # It indexes an array that is shorter than the kernel's.
        (
            "enum e { E_A, E_MAX }; struct s { enum e e; int (*list)[E_MAX]; };",
            "enum e { E_A, E_B, E_MAX }; struct s { enum e e; int (*list)[E_MAX]; };",
            "struct s has an array of 1 elements that has 2 now, as E_MAX says",
            POINTED,
        ),
        # It copies as many bytes, or passes as many registers, as there were.
        ("struct s { char a; long b; };", "struct s { char a; int n; long b; };",
         "n is new in it, and f passes it by value", "int f(struct s p) { return p.a; }"),
        ("struct s { char a; long b; };", "struct s { char a; int n; long b; };",
         "n is new in it, and f is exported, and is or holds it", "struct s f;"),
        # It has the structure in one of its own.
        ("struct i { char a; long b; }; struct s { struct i i; };",
         "struct i { char a; int n; long b; }; struct s { struct i i; };",
         "n is new in it, and struct s has it as a member", POINTED),
        # The kernel would call what lies behind the module's table.
        ("struct s { int (*a)(int); int (*b)(int); };", "struct s { int (*a)(int); int (*b)(int); int (*c)(int); };",
         "it grows, and it is a table of functions that modules fill in", "struct s *f(void) { return 0; }"),
        # It makes one that is too small.
        ("struct s { long a; };", "struct s { long a; long n; };",
         "it grows, and nothing here shows that the kernel alone makes it", POINTED),
        ("struct s { long a; };", "struct s { long a; long n[]; };",
         "n has no size, so that it lies beyond what modules know of", "struct s *f(void) { return 0; }"),
        # It puts in, or takes out, what is something else now.
        *(
            (f"{WORDS} struct a; struct b; struct s {{ {was} }};", f"{WORDS} struct a; struct b; struct s {{ {now} }};",
             why, POINTED)
            for was, now, why in (
                ("struct a *p; int z;", "struct b *p; int z;", "p changed from struct a * to struct b *, another type"),
                ("u64 p; int z;", "void *p; int z;", "p changed from u64 to void *, another type"),
                ("bool p; int z;", "u8 p; int z;", "p changed from bool to u8, another type"),
                ("long p; int z;", "int (*p)(int); int z;", "p changed from long int to int (*)(int), another type"),
                ("long p; int z;", "int (*q)(int); int z;", "p is gone, and q at its place is of another type"),
                ("u32 p; int z;", "int p; int z;", "p changed from u32 to int, another type"),
                ("char p[4]; u32 z;", "u32 p; u32 z;", "p changed from char [4] to u32, another type"),
                ("u8 p[8]; u64 z;", "u64 p; u64 z;", "p changed from u8 [8] to u64, another type"),
                ("u64 z; u32 __kabi_reserved1[2];", "u64 z; u64 p;", "a reserved member is aligned to 4 bytes"),
            )
        ),
    ],
)  # fmt: skip
def test_what_an_old_module_would_notice(
    old: str, new: str, why: str, code: str, suggest: Callable[..., Suggestion]
) -> None:
    found = suggest(old, new, code, "f")
    assert (found.status, found.kept, found.macros) == (1, False, []), found.out
    assert why in found.out, found.out


@pytest.mark.parametrize(
    ("old", "new", "care"),
    [
        ("enum e { E_A, NR_E };", "enum e { E_A, E_B, NR_E };", "the kernel may hand modules E_B, which those built"),
        ("enum e { E_A, __E_MAX, E_MAX = __E_MAX - 1 };", "enum e { E_A, E_B, __E_MAX, E_MAX = __E_MAX - 1 };",
         "count up to __E_MAX as it was"),
    ],
)  # fmt: skip
def test_what_may_be_hidden_with_care(
    old: str, new: str, care: str, suggest: Callable[..., Suggestion]
) -> None:
    use = " struct s { enum e e; };"
    found = suggest(old + use, new + use, POINTED, "f")
    assert (found.status, found.kept) == (0, True), found.out
    assert f"take care: {care}" in found.out or f"take care: modules built before {care}" in found.out, (
        found.out
    )


# --- in other commands -----------------------------------------------------------------------------------


def test_a_line_in_each_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = "struct s { int a; long b; }; struct t { int a; int b; }; enum e { A, B }; struct u { long a; int z; };"
    new = "struct s { int a; int n; long b; }; struct t { int b; }; enum e { A_, B }; struct u { long b; int z; };"
    code, exports = "struct s *v(void) { return 0; } struct t w; enum e x; struct u y;", ("v", "w", "x", "y")
    sides = [
        str(compile_header(text, tmp_path / side / "x.o", code, exports))
        for side, text in (("old", old), ("new", new))
    ]
    assert main(["compare", "--no-cache", *sides]) == 1
    lines = re.findall("^  keep the ABI: (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert lines == [
        'KABI_TYPE_STRING("e#e", "enumeration_type e { enumerator A = 0 , enumerator B = 1 } byte_size(4)");',
        "KABI_IGNORE(0, int n); (take care: modules built before neither set nor copy n, where they make or copy a "
        "struct s)",
        "no rule is safe: a is gone, or something larger is at its place",
        "KABI_REPLACE(long int, a, long int b); (take care: b must mean what a meant)",
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
