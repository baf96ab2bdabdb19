"""What became of old members, and who may mind: many structures in one compilation, judged by rules."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.pipeline.input_pairs import compare_inputs
from kabicheck.pipeline.inputs import read_input
from tests.compare.fixture_pairs import CASES as FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from kabicheck.model import Cause

HEADER = """
#include "export.h"
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned long long u64;
typedef int (*call_t)(int);
struct list_head { struct list_head *next, *prev; };
struct none { };
struct ends { int n; char d[]; };
#define FLEX(type, name) struct { struct { } empty_##name; type name[]; }
#define GROUP(name, ...) union { struct { __VA_ARGS__ }; struct { __VA_ARGS__ } name; }
#define GROUP_TAGGED(tag, name, ...) union { struct { __VA_ARGS__ }; struct tag { __VA_ARGS__ } name; }
#define KABI_RESERVE(n) unsigned long __kabi_reserved##n
#define __REPLACE(old, new) union { new; struct { old; }; union { } __attribute__((unused)); }
#define KABI_USE(n, new) __REPLACE(KABI_RESERVE(n), new)
#define KABI_USE2(n, a, b) __REPLACE(KABI_RESERVE(n), struct { a; b; })
#define KABI_IGNORE(n, new) union { new; unsigned char __kabi_ignored##n; }
#define KABI_REPLACE(kind, name, new) __REPLACE(kind __kabi_renamed##name, struct { new; })
#define RH_KABI_RESERVE(n) u64 rh_reserved##n
#define RH_KABI_USE(n, new) union { new; struct { RH_KABI_RESERVE(n); } rh_kabi_hidden_12; union { }; }
"""

# Name, the members of old and new, and, with `@` as the name, what else mentions the structure;
# and what is found.
GCC = "gcc -gdwarf-5"
TAKEN = "void f_@(struct @ s) { } EXPORT_SYMBOL(f_@);"
EXPORTED = "struct @ v_@; EXPORT_SYMBOL(v_@);"

CASES: Sequence[tuple[str, str, str, str, str]] = (
    ("hole", "int a; void *p;", "int a; int b; void *p;", "", "member-in-hole"),
    ("hole_behind_a_typedef", "char a; u32 b;", "char a; u16 n; u32 b;", "", "member-in-hole"),
    ("tail", "void *p; int a;", "void *p; int a; int b;", "", "member-in-hole"),
    ("two_holes", "char a; int b; char c; long d;", "char a; char n; int b; char c; char m; long d;", "",
     "member-in-hole member-in-hole"),
    ("hole_in_a_named_part", "struct { char a; int b; } u; long c;", "struct { char a; char n; int b; } u; long c;", "",
     "member-in-hole"),
    ("nothing_that_takes_room", "int a; int b;", "int a; struct none n; int b;", "", "member-in-hole"),
    ("hole_that_is_too_small", "int a; void *p;", "int a; long b; void *p;", "", "member-added member-moved size"),
    ("grown", "int a;", "int a; int b;", "", "member-added size"),
    ("hole_and_grown", "int a; void *p;", "int a; int b; void *p; int c;", "", "member-added member-added size"),
    ("hole_and_lost", "int a; void *p; int c; long d;", "int a; int b; void *p; int : 32; long d;", "",
     "member-in-hole member-removed"),
    ("in_its_place", "int a; int b; long d;", "int a; char n[4]; long d;", "", "member-added member-removed"),
    ("stricter", "u32 a; u32 b;", "union { struct { u32 a; u32 b; }; u64 ab; };", "", "alignment member-added"),
    ("bits", "unsigned a : 3; long b;", "unsigned a : 3; unsigned n : 2; long b;", "", "bits-in-use"),
    ("member_in_a_unit", "unsigned a : 3; long b;", "unsigned a : 3; unsigned char n; long b;", "", "bits-in-use"),
    ("bits_of_their_own", "int x; long b;", "int x; unsigned n : 2; long b;", "", "member-in-hole"),
    ("bits_that_move", "unsigned a : 30; unsigned b : 2;", "unsigned a : 30; unsigned n : 2; unsigned b : 2;", "",
     "member-added member-moved size"),
    ("bits_in_another_order", "u32 a : 1; u32 b : 1;", "u32 b : 1; u32 a : 1;", "", "member-moved member-moved"),
    ("bits_one_further", "u32 a : 1; u32 b : 1; long c;", "u32 n : 1; u32 a : 1; u32 b : 1; long c;", "",
     "member-added member-moved"),
    ("bits_that_went", "u32 a : 1; u32 b : 1; u32 d;", "u32 b : 1; u32 c : 1; u32 d;", "",
     "member-added member-moved member-removed"),
    ("bits_in_a_union", "long x; union { u32 a : 1; u32 b : 2; };", "long x; union { u32 b : 2; u32 a : 1; };", "",
     "order-only"),
    ("order_in_a_union", "long x; union { int a; char *b; } u;", "long x; union { char *b; int a; } u;", "",
     "order-only"),
    ("wrapped", "int a; void *p;", "int a; union { void *p; unsigned long v; };", "", "member-overlaid"),
    ("over_two", "u32 a; u32 b; u64 c;", "union { struct { u32 a; u32 b; }; u64 ab; }; u64 c;", "", "member-overlaid"),
    ("wrapped_larger", "int a; int b;", "union { int a; char n[16]; }; int b;", "", "member-added member-moved size"),
    ("grouped", "int a; int b; long c;", "GROUP(both, int a; int b;); long c;", "", "member-grouped"),
    ("grouped_with_a_tag", "int a; struct list_head b; long c;",
     "GROUP_TAGGED(tag_grouped, both, int a; struct list_head b;); long c;", "", "member-grouped"),
    ("grouped_and_more", "int a; char b; long c;", "GROUP(both, int a; char b; char n;); long c;", "",
     "member-in-hole member-in-hole member-grouped"),
    ("unnamed", "int a; int b; long c;", "struct { int a; int b; }; long c;", "", "member-grouped"),
    ("tagged", "int a; int b; long c;", "struct tagged_part { int a; int b; }; long c;", "", "member-grouped"),
    ("tagged_and_hole", "int a; char b; long c;", "struct tagged_hole { int a; char b; char n; }; long c;", "",
     "member-in-hole"),
    ("tagged_and_lost", "struct tagged_more { int a; int b; }; long c;", "int a; long c;", "", "member-removed"),
    ("flexible", "int n; u32 d[0];", "int n; u32 d[];", "", "flexible-array"),
    ("flexible_in_a_struct", "int n; u32 d[0];", "int n; FLEX(u32, d);", "", "flexible-array"),
    ("flexible_in_a_union", "int n; union { u32 d[0]; u16 e[0]; };", "int n; union { FLEX(u32, d); FLEX(u16, e); };",
     "", "flexible-array flexible-array"),
    ("flexible_both", "int n; u32 d[];", "int n; FLEX(u32, d);", "", "member-grouped"),
    ("no_length_any_more", "int n; u32 d[1];", "int n; u32 d[];", "", "member-type size"),
    ("no_length_in_padding", "u64 n; u32 m; u32 d[1];", "u64 n; u32 m; u32 d[];", "", "member-type"),
    ("other_elements", "int n; u32 d[0];", "int n; u16 d[];", "", "member-type"),
    ("flexible_where_none_was", "int n; char c;", "int n; char c; char d[];", "", "member-added"),
    ("no_length_where_none_was", "int n;", "int n; int d[0];", "", "member-added"),
    # What old modules find at an array without end lies in padding, too.
    ("upon_flexible", "long a; int b; char d[];", "long a; int b; union { int c; FLEX(char, d); };", "",
     "member-added"),
    ("upon_no_length", "long a; int b; char d[0];", "long a; int b; char d[0]; int c;", "", "member-added"),
    ("upon_flexible_inside", "long a; struct ends b;", "long a; struct ends b; int c;", "", "member-added"),
    ("before_flexible", "char a; int b; char d[];", "char a; char c; int b; char d[];", "", "member-in-hole"),
    ("behind_a_mark", "long a; int mark[0]; int b; long c;", "long a; int mark[0]; int b; int n; long c;", "",
     "member-in-hole"),
    # Names that change places are no renames, in whatever they are grouped.
    ("exchanged", "int a; int b; long c;", "struct { int b; int a; } g; long c;", "",
     "member-grouped member-removed member-removed"),
    ("exchanged_in_another", "int a; int b; long c;", "struct exchanged_part { int b; int a; } g; long c;", "",
     "member-grouped member-removed member-removed"),
    ("not_exchanged", "int a; int b; long c;", "struct { int a; int b; } g; long c;", "",
     "member-renamed member-renamed"),
    ("slot", "int a; KABI_RESERVE(0); KABI_RESERVE(1);", "int a; KABI_USE(0, void *p); KABI_RESERVE(1);", "",
     "reserve-used"),
    ("slot_for_two", "int a; KABI_RESERVE(0);", "int a; KABI_USE2(0, int p, int q);", "", "reserve-used reserve-used"),
    ("slot_without_a_macro", "int a; KABI_RESERVE(0); KABI_RESERVE(1);", "int a; unsigned long v; KABI_RESERVE(1);", "",
     "reserve-used"),
    ("two_slots_for_one", "KABI_RESERVE(0); KABI_RESERVE(1);", "struct list_head l;", "", "reserve-used"),
    ("red_hats_slot", "int a; RH_KABI_RESERVE(1);", "int a; RH_KABI_USE(1, void *p);", "", "reserve-used"),
    ("androids_slot", "int a; u64 android_kabi_reserved1; u64 android_kabi_reserved2;",
     "int a; union { void *p; struct { u64 android_kabi_reserved1; } __UNIQUE_ID_android_kabi_hide7; union { }; };"
     "u64 android_kabi_reserved2;", "", "reserve-used"),
    ("oracles_member", "int a; u64 b; u64 uek_reserved1;",
     "int a; union { void *p; struct { u64 b; } __UNIQUE_ID_uek_kabi_hide3; union { }; }; u64 uek_reserved1;", "",
     "member-added member-removed"),
    ("a_typedef_of_it", "int a; void *p;", "int a; int b; void *p;",
     "typedef struct @ @_t; void f_@(@_t *s) { } EXPORT_SYMBOL(f_@);", "member-in-hole"),
    ("slot_freed", "int a; KABI_USE(0, void *p);", "int a; KABI_RESERVE(0);", "", "member-removed"),
    ("ignored", "int a; void *p;", "int a; KABI_IGNORE(0, int b); void *p;", "", "member-in-hole"),
    ("replaced", "int a; long b;", "int a; KABI_REPLACE(long, b, struct list_head *b);", "", "member-type"),
    # Who minds.
    ("taken", "int a; void *p;", "int a; int b; void *p;", TAKEN, "member-added"),
    ("returned", "int a; void *p;", "int a; int b; void *p;",
     "struct @ f_@(void) { struct @ s; return s; } EXPORT_SYMBOL(f_@);", "member-added"),
    ("exported", "int a; void *p;", "int a; int b; void *p;", EXPORTED, "member-added"),
    ("exported_table", "int a; void *p;", "int a; int b; void *p;",
     "struct @ v_@[4]; EXPORT_SYMBOL(v_@);", "member-added"),
    ("embedded", "int a; void *p;", "int a; int b; void *p;",
     "struct o_@ { long x; struct @ s; }; void f_@(struct o_@ *o) { } EXPORT_SYMBOL(f_@);", "member-added"),
    ("embedded_as_a_typedef", "int a; void *p;", "int a; int b; void *p;",
     "typedef struct @ @_t; struct o_@ { long x; @_t s; }; void f_@(struct o_@ *o) { } EXPORT_SYMBOL(f_@);",
     "member-added"),
    ("pointed_to", "int a; void *p;", "int a; int b; void *p;",
     "struct o_@ { struct @ *s; }; void f_@(struct o_@ *o) { } EXPORT_SYMBOL(f_@);", "member-in-hole"),
    ("table", "int (*x)(int); int f; void (*y)(void);", "int (*x)(int); int f; int g; void (*y)(void);", "",
     "member-added"),
    ("called", "long a; int b; int c;", "long a; union { int b; call_t f; }; int c;", "",
     "member-added member-moved size"),
    ("called_in_a_hole", "long a; long b; long c; char d[16] __attribute__((aligned(16)));",
     "long a; long b; long c; call_t f; char d[16] __attribute__((aligned(16)));", "", "member-added"),
    ("reserved_call", "long a; KABI_RESERVE(0);", "long a; KABI_USE(0, call_t f);", "", "member-added"),
    ("bits_of_an_exported_one", "unsigned a : 3;", "unsigned a : 3; unsigned n : 2;", EXPORTED,
     "member-added"),
    ("grouped_and_embedded", "int a; int b;", "GROUP(both, int a; int b;);",
     "struct o_@ { struct @ s; }; void f_@(struct o_@ *o) { } EXPORT_SYMBOL(f_@);", "member-grouped"),
    ("grouped_and_passed", "int a; int b;", "GROUP(both, int a; int b;);", TAKEN,
     "member-added member-added"),
)  # fmt: skip


# clang's debug information names the storage unit of a bit-field alone, as gcc's before DWARF 5.
UNKNOWN = {
    "bits": "member-added",
    "member_in_a_unit": "member-added",
    "bits_one_further": "member-added member-moved member-moved",
}


def compiled(folder: Path, side: int, compiler: str) -> Path:
    """The object of one side, of all cases. compiler: with the version of DWARF behind a blank."""
    text = [HEADER]
    for name, old, new, around, _ in CASES:
        text.append(f"struct {name} {{ {(old, new)[side]} }};")
        text.append(f"void use_{name}(struct {name} *p) {{ }}\nEXPORT_SYMBOL(use_{name});")
        text.append(around.replace("@", name))
    folder.mkdir()
    (folder / "api.h").write_text("\n".join(text))
    (folder / "object.c").write_text('#include "api.h"\n')
    shutil.copy(FOLDER / "export.h", folder)
    options = ["-O0", "-fno-pic", "-w", "-fms-extensions"]
    subprocess.run([*compiler.split(), *options, "-c", "object.c", "-o", "object.o"], cwd=folder, check=True)
    return folder / "object.o"


def causes_in(folder: Path, compiler: str) -> Mapping[str, Cause]:
    """The causes by the structure's name."""
    old, new = (compiled(folder / name, side, compiler) for side, name in enumerate(("old", "new")))
    comparison = compare_inputs(read_input(old), read_input(new))
    return {cause.reference.removeprefix("s#"): cause for cause in comparison.causes.values()}


@pytest.fixture(scope="module")
def causes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Cause]:
    """The causes by the structure's name, in what gcc compiled."""
    return causes_in(tmp_path_factory.mktemp("placement"), GCC)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_what_is_found(case: tuple[str, ...], causes: Mapping[str, Cause]) -> None:
    name, _, _, _, rules = case
    assert sorted(finding.rule for finding in causes[name].findings) == sorted(rules.split())


@pytest.mark.parametrize("compiler", ["gcc -gdwarf-4", *["clang -gdwarf-5"] * bool(shutil.which("clang"))])
def test_where_less_is_known(compiler: str, tmp_path: Path) -> None:
    causes = causes_in(tmp_path, compiler)
    found = {name: sorted(finding.rule for finding in cause.findings) for name, cause in causes.items()}
    for name, *_, rules in CASES:
        assert found[name] == sorted(UNKNOWN.get(name, rules).split()), name


def test_care_names_the_reason(causes: Mapping[str, Cause]) -> None:
    cares = {name: {finding.care for finding in causes[name].findings} for name, *_ in CASES}
    assert cares["hole"] == {"modules do not initialize the new member of what they make themselves"}
    assert cares["grown"] == {""}
    assert cares["embedded"] == {
        "nothing moves, but struct o_embedded has it as a member: modules may make one without the new member"
    }
    assert cares["upon_flexible"] == {"nothing moves, but modules find the elements of d there"}
    assert "write them back" in "".join(cares["bits"])


def test_slots_have_their_numbers(causes: Mapping[str, Cause]) -> None:
    assert causes["slot"].summary == "reserved slot 0 used for void *p"
    assert [" ".join(line.text.split()) for line in causes["slot"].diff if line.mark != " "] == [
        "long unsigned int __kabi_reserved0; /* 8 8 */",
        "void *p; /* in reserved slot 0 */ /* 8 8 */",
    ]
    assert causes["two_slots_for_one"].summary == "reserved slot 0 used for struct list_head l"


def test_nothing_else_differs(causes: Mapping[str, Cause]) -> None:
    assert {name for name in causes if not causes[name].follows} == {name for name, *_ in CASES}
