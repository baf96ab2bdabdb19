"""How bad a change is, from C that gcc compiled to the exit status."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

EXPORTS = Path(__file__).parents[1] / "compare" / "cases" / "export.h"
TYPES = """
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long size_t;
typedef unsigned long long u64; typedef signed char s8; typedef u64 aligned_u64 __attribute__((aligned(8)));
typedef u64 packed_u64 __attribute__((aligned(4))); struct a; struct b;
"""
# Name → what is exported before and after.
RESPELLED = {
    "a": ("void a(unsigned int x) {}", "void a(u32 x) {}"),
    "b": ("unsigned long b(void) { return 0; }", "size_t b(void) { return 0; }"),
    "c": ("void c(u16 *x) {}", "void c(unsigned short *x) {}"),
    "d": ("unsigned long d[4];", "size_t d[4];"),
    "e": ("void e(int (*f)(unsigned long, u32 **)) {}", "void e(int (*f)(size_t, unsigned **)) {}"),
    "f": ("typedef u32 id_t; void f(id_t x) {}", "typedef unsigned int id_t; void f(id_t x) {}"),
    "g": ("struct g { u32 x; u16 y[2]; } *g;", "struct g { unsigned x; unsigned short y[2]; } *g;"),
    "h": ("struct h { u32 x : 3, y : 5; } *h;", "struct h { unsigned x : 3, y : 5; } *h;"),
    "i": ("void i(u64 *x) {}", "void i(aligned_u64 *x) {}"),
    "j": ("void j(unsigned int from, u32 to) {}", "void j(u32 first, unsigned int second) {}"),
}
CONST = {
    "a": ("void a(struct a *x) {}", "void a(const struct a *x) {}"),
    "b": ("const char *b(void) { return 0; }", "char *b(void) { return 0; }"),
    "c": ("void c(int (*f)(const void *)) {}", "void c(int (*f)(void *)) {}"),
}
OTHER = {
    "a": ("void a(char x) {}", "void a(signed char x) {}"),
    "b": ("void b(_Bool *x) {}", "void b(u8 *x) {}"),
    "c": ("enum c { C = -1 }; void c(enum c x) {}", "void c(int x) {}"),
    "d": ("void d(unsigned long x) {}", "void d(u64 x) {}"),
    "e": ("void e(u32 x) {}", "void e(int x) {}"),
    "f": ("void f(struct a *x) {}", "void f(struct b *x) {}"),
    "g": ("void g(u64 *x) {}", "void g(packed_u64 *x) {}"),
    "h": ("void h(const char *x) {}", "void h(char *x) {}"),
    "i": ("char *i(void) { return 0; }", "const char *i(void) { return 0; }"),
    "j": ("void j(int (*f)(void *)) {}", "void j(int (*f)(const void *)) {}"),
    "k": ("int k;", "const int k;"),
    "l": ("struct l { char *x; } *l;", "struct l { const char *x; } *l;"),
    "m": ("void m(char **x) {}", "void m(const char **x) {}"),
    "n": ("void n(int *x) {}", "void n(volatile int *x) {}"),
    "o": ("void o(char *x) {}", "void o(char *restrict x) {}"),
    "p": ("void p(int *x) {}", "void p(_Atomic int *x) {}"),
    "q": ("void q(u32 from, unsigned to) {}", "void q(unsigned to, u32 from) {}"),
}


@pytest.fixture
def compare(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, dict[str, str], str]]:
    """Compile both sides and compare their folders; gives the status, the grade of each export, and the text."""

    def run(
        pairs: dict[str, tuple[str, str]], *options: str, config: str = ""
    ) -> tuple[int, dict[str, str], str]:
        for place, side in enumerate(("old", "new")):
            folder = tmp_path / side
            folder.mkdir(exist_ok=True)
            exports = "".join(f"{pair[place]}\nEXPORT_SYMBOL({name});\n" for name, pair in pairs.items())
            (folder / "api.h").write_text(f'#include "{EXPORTS}"\n{TYPES}{exports}')
            (folder / "api.c").write_text('#include "api.h"\n')
            subprocess.run(["gcc", "-g", "-w", "-c", "api.c"], cwd=folder, check=True)
            if config:
                (folder / ".config").write_text(config)
        report = tmp_path / "report.json"
        sides = [str(tmp_path / "old"), str(tmp_path / "new")]
        status = main(["compare", *sides, "-o", "text", "-o", f"json:{report}", *options])
        changes = json.loads(report.read_text())["changes"]
        return status, {change["name"]: change["severity"] for change in changes}, capsys.readouterr().out

    return run


def test_other_names_of_one_type_do_not_fail_where_only_breaking_changes_do(
    compare: Callable[..., tuple[int, dict[str, str], str]],
) -> None:
    status, grades, out = compare(RESPELLED)
    assert status == 1
    assert grades == dict.fromkeys(RESPELLED, "incompatible")
    assert "the types are the same on this architecture" in out
    assert compare(RESPELLED, "--fail-on", "breaking")[0] == 0


def test_const_fails_by_the_way_in_which_it_changed_and_by_kcfi(
    compare: Callable[..., tuple[int, dict[str, str], str]],
) -> None:
    status, grades, out = compare(CONST, "--fail-on", "breaking")
    assert (status, grades) == (0, dict.fromkeys(CONST, "incompatible"))
    assert "kCFI" in out
    status, grades, out = compare(
        CONST, "--fail-on", "breaking", config="CONFIG_MODULES=y\n# CONFIG_CFI is not set\n"
    )
    assert (status, grades) == (0, dict.fromkeys(CONST, "incompatible"))
    assert "kCFI" not in out
    for option in ("CONFIG_CFI", "CONFIG_CFI_CLANG"):
        status, grades, _ = compare(CONST, "--fail-on", "breaking", config=f"{option}=y\n")
        assert (status, grades) == (1, dict.fromkeys(CONST, "breaking"))
    status, grades, _ = compare(RESPELLED, "--fail-on", "breaking", config="CONFIG_CFI=y\n")
    assert (status, grades) == (0, dict.fromkeys(RESPELLED, "incompatible"))


def test_types_that_only_look_alike_break(compare: Callable[..., tuple[int, dict[str, str], str]]) -> None:
    status, grades, _ = compare(OTHER, "--fail-on", "breaking")
    assert (status, grades) == (1, dict.fromkeys(OTHER, "breaking"))
