"""Every macro that is printed, or shown in a document, compiles with the kernel's own macros, by gcc and by clang, and
gives back the version that there was, as the kernel's own gendwarfksyms calculates it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from kabicheck.cli import main
from tests.kabi_macros import compile_header
from tests.kernel_macros import compilers, kernel_object, printed, versions, with_macros

pytestmark = [pytest.mark.oracle, pytest.mark.usefixtures("oracle")]

ROOT = Path(__file__).parents[2]
CODE, EXPORTS = "int f(struct s *p) { return p != 0; }", ("f",)
Calls = list[tuple[str, tuple[str, ...]]]


class Change(NamedTuple):
    """What is compiled on both sides; macros: how the calls that are printed begin, in their order."""

    old: str
    new: str
    macros: tuple[str, ...]
    code: str = CODE
    exports: tuple[str, ...] = EXPORTS


CHANGES = {
    "into a hole": Change(
        "struct s { char a; long b; };",
        "struct s { char a; short n; unsigned char m[3]; long b; };",
        ("KABI_IGNORE(0, short int n)", "KABI_IGNORE(1, unsigned char m[3])"),
    ),
    "callbacks and pointers": Change(
        "struct s { int a; KABI_RESERVE(1); KABI_RESERVE(2); KABI_RESERVE(3); long b; };",
        "struct t; enum e { A }; struct s { int a; int (*op)(struct t *, enum e, void (*)(int, int));"
        " const struct t *const volatile p; int (*table)[4]; long b; };",
        ("KABI_USE(1, int (*op)(struct t *, enum e, void (*)(int, int)));", "KABI_USE(2,", "KABI_USE(3,"),
    ),
    "small ones in one slot": Change(
        "struct s { KABI_RESERVE(1); KABI_RESERVE(2); long z; };",
        "struct s { unsigned char a; short b; int c; _Bool d; int e; long z; };",
        (
            "KABI_USE(1, struct { unsigned char a; short int b; int c; });",
            "KABI_USE2(2, _Bool d, int e);",
        ),
    ),
    "a reserved array": Change(
        "struct s { long a; KABI_RESERVE_ARRAY(1, 16); KABI_RESERVE_ARRAY(2, 8); };",
        "struct t { long x; int y; }; struct s { long a; struct t t; void *p; };",
        ("KABI_USE_ARRAY(1, 16, struct t t);", "KABI_USE_ARRAY(2, 8, void *p);"),
    ),
    "a reserved array for several": Change(
        "struct s { long a; KABI_RESERVE_ARRAY(1, 16); };",
        "struct s { long a; int n; unsigned char tag[4]; void *p; };",
        ("KABI_USE_ARRAY(1, 16, struct { int n; unsigned char tag[4]; void *p; });",),
    ),
    "a slot of an unnamed structure": Change(
        "struct s { struct { int a; KABI_RESERVE(1); } u; };",
        "struct s { struct { int a; void *p; } u; };",
        ("KABI_USE(1, void *p);",),
    ),
    "other names": Change(
        "struct s { int a; int (*op)(void); long list[2]; int last; };",
        "struct s { int b; int (*call)(void); long table[2]; int last; };",
        ("KABI_REPLACE(int, a, int b);", "KABI_REPLACE(typeof(int (*)(void)), op,",
         "KABI_REPLACE(typeof(long int [2]), list,"),
    ),
    "other words for a type": Change(
        "typedef unsigned int u32; struct s { unsigned int a; long b; u32 z; };",
        "typedef unsigned int u32; struct s { u32 a; long b; u32 z; };",
        ("KABI_REPLACE(unsigned int, a, u32 a);",),
    ),
    "an end marker": Change(
        "enum e { E_A, E_MAX }; struct s { enum e *e; };",
        "enum e { E_A, E_B, E_MAX }; struct s { enum e *e; };",
        ("KABI_ENUMERATOR_IGNORE(e, E_B);", "KABI_ENUMERATOR_VALUE(e, E_MAX, 1);"),
    ),
    "a name of a parameter": Change(
        "struct s;", "struct s;", ('KABI_TYPE_STRING("f", "subprogram (',), code="int f(struct s *NAME) { return 0; }"
    ),
}  # fmt: skip


def suggested(change: Change, folder: Path, capsys: pytest.CaptureFixture[str]) -> Calls:
    sides = [
        str(compile_header(header, folder / side / "x.o", code, change.exports))
        for side, header, code in _sides(change)
    ]
    capsys.readouterr()
    assert main(["suggest", "--no-cache", *sides]) == 0, capsys.readouterr().out
    return printed(capsys.readouterr().out)


def _sides(change: Change) -> list[tuple[str, str, str]]:
    return [
        ("old", change.old, change.code.replace("NAME", "p")),
        ("new", change.new, change.code.replace("NAME", "q")),
    ]


def require_restored(change: Change, calls: Calls, folder: Path) -> None:
    """Compile both sides with the kernel's macros, and compare the versions that its own tool gives them.

    Type strings are those of the compiler that made the objects, here gcc.
    """
    (_, old, before), (_, new, after) = _sides(change)
    for compiler in compilers():
        base = kernel_object(old, before, folder / compiler / "old.o", compiler)
        plain = kernel_object(new, after, folder / compiler / "plain.o", compiler)
        kept = kernel_object(with_macros(new, calls), after, folder / compiler / "kept.o", compiler)
        was = list(versions(base, change.exports))
        assert was
        assert list(versions(plain, change.exports)) != was, "a change that no macro hides"
        if compiler == "gcc" or not any(call.startswith("KABI_TYPE_STRING") for call, _ in calls):
            assert list(versions(kept, change.exports)) == was, (compiler, calls)


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_printed(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    change = CHANGES[name]
    calls = suggested(change, tmp_path, capsys)
    assert len(calls) == len(change.macros), calls
    for (call, _), start in zip(calls, change.macros, strict=True):
        assert call.startswith(start)
    require_restored(change, calls, tmp_path)


# --- what documents show ---------------------------------------------------------------------------------

SHOWING = ("README.md", "docs/**/*.md", "tests/report/golden/*", "kabicheck/compare/rules/*.py")
CALL = re.compile(r"KABI_[A-Z0-9_]+\((?:[^()`]|\([^()`]*\))*\)")
ASYNC = (
    "struct list_head { struct list_head *next, *prev; };"
    "struct async_domain { struct list_head pending; unsigned int registered : 1; INSERTED };"
)
CLK = "int use(struct clk *p) { return p != 0; }"


def shown() -> set[str]:
    """Every call of a macro in a document, a golden report or a rule's page."""
    files = (file for pattern in SHOWING for file in ROOT.glob(pattern) if file.is_file())
    return {call for file in files for call in CALL.findall(file.read_text())}


def _clk(old: str, new: str, code: str = CLK) -> Change:
    return Change(old, new, (), code, ("use",))


DOCUMENTED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "KABI_IGNORE(0, unsigned int late)": (
        Change(
            ASYNC.replace("INSERTED", ""),
            ASYNC.replace("INSERTED", "unsigned int late;"),
            (),
            "int f(struct async_domain *p) { return p != 0; }",
        ),
        ("late",),
    ),
    "KABI_DECLONLY(clk)": (_clk("struct clk;", "struct clk { int rate; };"), ()),
    "KABI_IGNORE(0, int flags)": (
        _clk("struct clk { int rate; void *p; };", "struct clk { int rate; int flags; void *p; };"),
        ("flags",),
    ),
    "KABI_USE(1, void *driver)": (
        _clk("struct clk { int rate; KABI_RESERVE(1); };", "struct clk { int rate; void *driver; };"),
        ("driver",),
    ),
    "KABI_IGNORE(0, int parent)": (
        _clk("struct clk { int rate; void *p; };", "struct clk { int rate; int parent; void *p; };"),
        ("parent",),
    ),
}


@pytest.mark.parametrize("call", sorted(shown()))
def test_what_documents_show(call: str, tmp_path: Path) -> None:
    change, members = DOCUMENTED[call]
    require_restored(change, [(f"{call};", members)], tmp_path)


def test_each_change_is_shown() -> None:
    assert DOCUMENTED.keys() == shown()
