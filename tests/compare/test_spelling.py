"""Types that are the same in other words. What decides is the compiler: gcc's and g++'s own idea of two types."""

from __future__ import annotations

import subprocess
from itertools import product
from typing import TYPE_CHECKING

import pytest

from kabicheck.compare.classify import classify
from kabicheck.compare.declaration import Function, Pointer, Reference, Type, Typedef, Variable, parse
from kabicheck.compare.spelling import Likeness, Role, likeness, resolved
from kabicheck.compare.surroundings import Surroundings
from kabicheck.symver.object import read_symbols

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DECLARED = """
typedef unsigned char u8; typedef unsigned int u32; typedef u32 __u32; typedef unsigned long size_t;
typedef unsigned long long u64; typedef signed char s8; typedef int (*compare_t)(const void *, const void *);
typedef u32 row_t[4]; typedef const char *string_t; typedef char *buffer_t; typedef const char letter_t;
typedef int (*visit_t)(string_t, u32); typedef void call_t(u32 *);
struct a { int x; }; struct b { int x; }; union c { int x; }; enum e { E };
typedef struct a a_t; typedef struct { int x; } n_t; typedef n_t m_t; typedef struct { int x; } o_t;
typedef int wide_t __attribute__((aligned(16))); typedef wide_t wider_t;
"""
# Types of which gcc says that they are compatible exactly where they are the same.
TYPES = """
char; signed char; s8; unsigned char; u8; short; int; unsigned int; u32; __u32; long; unsigned long; size_t; long long;
unsigned long long; u64; float; double; void *; char *; const char *; char const *; string_t; buffer_t; letter_t *;
char *const; const buffer_t; const string_t; volatile char *; const volatile char *; char *restrict; char **;
const char **; const char *const *; char *const *; string_t *; const string_t *; char ***; const char *const **;
const char *const *const *; u32 *; unsigned int *; struct a *; a_t *; struct b *; union c *; const struct a *;
const a_t *; n_t *; m_t *; o_t *; struct a; a_t; n_t; m_t; o_t; u32 (*)[4]; unsigned int (*)[4]; row_t *; u32 (*)[5];
const u32 (*)[4]; row_t (*)[3]; unsigned (*)[3][4]; u32 (*)[4][3]; int (*)(const void *, const void *);
compare_t; int (*)(void *, const void *); int (*)(const void *, void *, int); compare_t *; const compare_t *;
int (*)(const char *, unsigned); visit_t; int (*)(char *, u32); void (*)(u32 *); call_t *; void (*)(const u32 *);
void (*)(visit_t); void (*)(int (*)(const char *, u32)); void (*)(int (*)(char *, u32)); const char *(*)(void);
char *(*)(void); string_t (*)(void); buffer_t (*)(void); void (*)(const u32); void (*)(u32); _Bool
"""
# Of these it says so of more: an enumeration and its integer, arrays without a length, alignments. `const row_t *` is
# in no list: gcc's debug information does not have that `const`.
LOOSER = "enum e; enum e *; u32 (*)[]; wide_t; wide_t *; wider_t; int *; int"
NAMES = [name.strip() for name in TYPES.replace("\n", " ").split(";")]
LOOSE = [name.strip() for name in LOOSER.split(";")]


class Compiled:
    """All types as the targets of variables of one object, and what the compilers say of pairs of them."""

    def __init__(self, folder: Path) -> None:
        self.names = NAMES + LOOSE
        typed = "".join(
            f"typedef __typeof__({name}) t{n}; t{n} *v{n};\n" for n, name in enumerate(self.names)
        )
        (folder / "types.c").write_text(DECLARED + typed)
        subprocess.run(["gcc", "-g", "-w", "-c", "types.c"], cwd=folder, check=True)
        symbols = [f"v{n}" for n in range(len(self.names))]
        self.types = read_symbols(folder / "types.o", symbols).types()
        self.kinds = {name: self.target(f"v{n}") for n, name in enumerate(self.names)}
        count = len(self.names)
        pairs = list(product(range(count), repeat=2))
        same = ",".join(f"__builtin_types_compatible_p(t{i} *, t{j} *)" for i, j in pairs)
        (folder / "same.c").write_text(f"{DECLARED}{typed}\nchar same[] = {{ {same} }};\n{PRINT}")
        converts = ",".join(f"std::is_convertible<t{i}, t{j}>::value" for i, j in pairs)
        (folder / "converts.cc").write_text(
            f"#include <type_traits>\n#define restrict __restrict\n#define _Bool bool\n"
            f"{DECLARED}{typed}\nchar same[] = {{ {converts} }};\n{PRINT}"
        )
        self.same = self.told(["gcc", "same.c"], folder)
        self.converts = self.told(["g++", "converts.cc"], folder)

    def target(self, symbol: str) -> Type:
        """What a variable points to, without the typedef that the test made of it."""
        match parse(self.types[symbol]):
            case Variable(Pointer(Reference(name))):
                definition = parse(self.types[name])
                assert isinstance(definition, Typedef)
                return definition.target
        raise AssertionError(symbol)

    def told(self, compiler: list[str], folder: Path) -> set[tuple[str, str]]:
        """The pairs of which a program says 1."""
        subprocess.run([*compiler, "-w", "-o", "told"], cwd=folder, check=True)
        output = subprocess.run([folder / "told"], capture_output=True, text=True, check=True).stdout
        digits = iter(output)
        return {(old, new) for old in self.names for new in self.names if next(digits) == "1"}


PRINT = """
#include <stdio.h>
int main(void) { for (unsigned i = 0; i < sizeof same; i++) putchar('0' + same[i]); return 0; }
"""


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    return Compiled(tmp_path_factory.mktemp("types"))


def test_one_type_is_what_the_compiler_calls_one(compiled: Compiled) -> None:
    around = Surroundings("", compiled.types, compiled.types)
    alike = {Likeness.SAME, Likeness.RESPELLED}
    for pair in product(compiled.names, repeat=2):
        old, new = (compiled.kinds[name] for name in pair)
        found = likeness(old, new, around, Role.KEPT)
        if found in alike:
            assert pair in compiled.same, pair
        elif not set(pair) & set(LOOSE):
            assert pair not in compiled.same, pair
        assert found is likeness(new, old, around, Role.KEPT), pair


def test_const_is_safe_only_where_the_pointer_converts(compiled: Compiled) -> None:
    """g++ knows nothing of the other direction in signatures; of data pointers it says just what may go where."""
    around = Surroundings("", compiled.types, compiled.types)
    safe = set()
    for pair in product(compiled.names, repeat=2):
        old, new = (compiled.kinds[name] for name in pair)
        found = likeness(old, new, around, Role.PARAMETER)
        if found is Likeness.CONST_SAFE and not any("(" in name or name.endswith("_t") for name in pair):
            safe.add(pair)
            assert pair in compiled.converts, pair
            assert pair[::-1] not in compiled.converts, pair
        mirrored = {Likeness.CONST_SAFE: Likeness.CONST_UNSAFE, Likeness.CONST_UNSAFE: Likeness.CONST_SAFE}
        assert likeness(new, old, around, Role.PARAMETER) is mirrored.get(found, found), pair
        assert likeness(old, new, around, Role.RESULT) in {mirrored.get(found, found), Likeness.DIFFERENT}, (
            pair
        )
    assert {
        ("char *", "const char *"),
        ("char **", "char *const *"),
        ("char **", "const char *const *"),
    } <= safe


CHAR = "base_type char byte_size(1) encoding(6)"
INT = "base_type int byte_size(4) encoding(5)"
UNSIGNED = "base_type unsigned int byte_size(4) encoding(7)"
BASES = {
    "t#u32": f"typedef_type u32 {{ {UNSIGNED} }}",
    "t#uint": "typedef_type uint { t#u32 }",
    "t#str": f"typedef_type str {{ pointer_type {{ const_type {{ {CHAR} }} }} byte_size(8) }}",
}
VOID = "base_type void"


def pointer(kind: str) -> str:
    return f"pointer_type {{ {kind} }} byte_size(8)"


def const(kind: str) -> str:
    return f"const_type {{ {kind} }}"


def function(result: str, *parameters: str) -> str:
    listed = " , ".join(f"formal_parameter {each}" for each in parameters)
    return f"( {listed} ) -> {result}"


def callback(result: str, *parameters: str) -> str:
    return pointer(f"subroutine_type {function(result, *parameters)}")


def rules(old: str, new: str, *, cfi: bool | None = None, types: Mapping[str, str] = BASES) -> set[str]:
    return {finding.rule for finding in classify("f", old, new, Surroundings("f", types, types, cfi))}


S, CS = pointer(CHAR), pointer(const(CHAR))


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        # Parameters and results.
        (function(VOID, f"{UNSIGNED} a"), function(VOID, "t#u32 a"), {"type-respelled"}),
        (function(UNSIGNED), function("t#uint"), {"type-respelled"}),
        (function(VOID, f"{INT} a"), function(VOID, "t#u32 a"), {"parameter-type"}),
        (function(VOID, f"{S} a"), function(VOID, f"{CS} a"), {"const-safe"}),
        (function(VOID, f"{CS} a"), function(VOID, f"{S} a"), {"const-unsafe"}),
        (function(CS), function(S), {"const-safe"}),
        (function(S), function(CS), {"const-unsafe"}),
        (function(VOID, f"{S} a"), function(VOID, "t#str a"), {"const-safe"}),
        (function(VOID, f"{INT} a"), function(VOID, f"{const(INT)} a"), {"type-respelled"}),
        (function(VOID, f"{pointer(S)} a"), function(VOID, f"{pointer(CS)} a"), {"parameter-type"}),
        (function(VOID, f"{pointer(S)} a"), function(VOID, f"{pointer(const(CS))} a"), {"const-safe"}),
        # In callbacks the directions swap, and in callbacks of callbacks again.
        (function(VOID, f"{callback(INT, CS)} a"), function(VOID, f"{callback(INT, S)} a"), {"const-safe"}),
        (function(VOID, f"{callback(INT, S)} a"), function(VOID, f"{callback(INT, CS)} a"), {"const-unsafe"}),
        (function(VOID, f"{callback(S)} a"), function(VOID, f"{callback(CS)} a"), {"const-safe"}),
        (function(VOID, f"{callback(VOID, callback(INT, S))} a"),
         function(VOID, f"{callback(VOID, callback(INT, CS))} a"), {"const-safe"}),
        (function(callback(INT, S)), function(callback(INT, CS)), {"const-safe"}),
        (function(VOID, f"{callback(INT, CS, S)} a"), function(VOID, f"{callback(INT, S, CS)} a"),
         {"parameter-type"}),
        # Several at once are each said; nothing that is worse is hidden by what is not.
        (function(VOID, f"{UNSIGNED} a", f"{S} b"), function(VOID, "t#u32 a", f"{CS} b"),
         {"type-respelled", "const-safe"}),
        (function(VOID, f"{UNSIGNED} a"), function(VOID, "t#u32 b"), {"type-respelled", "names-only"}),
        (function(VOID, f"{UNSIGNED} a", "t#u32 b"), function(VOID, "t#u32 b", f"{UNSIGNED} a"),
         {"type-respelled", "parameter-moved"}),
        (function(VOID, f"{UNSIGNED} a", f"{CHAR} b"),
         function(VOID, "t#u32 a", f"{CHAR.replace('(6)', '(8)')} b"), {"type-respelled", "type-attributes"}),
        (function(VOID, f"{CHAR} a"), function(VOID, f"{CHAR.replace('(6)', '(8)')} b"),
         {"type-attributes", "names-only"}),
        # Shifted lists of one type's names are no parameters that came and went.
        (function(VOID, f"{UNSIGNED} a", "t#u32 b", f"{UNSIGNED} c", "t#u32 d"),
         function(VOID, "t#u32 a", f"{UNSIGNED} b", "t#u32 c", f"{UNSIGNED} d"), {"type-respelled"}),
    ],
)  # fmt: skip
def test_signatures(old: str, new: str, found: set[str]) -> None:
    assert rules(f"subprogram {old}", f"subprogram {new}") == found


@pytest.mark.parametrize(
    ("old", "new", "respelled"),
    [
        (UNSIGNED, "t#uint", True),
        (pointer(UNSIGNED), pointer("t#u32"), True),
        (f"array_type[4] {{ {UNSIGNED} }}", "array_type[4] { t#u32 }", True),
        (callback(INT, UNSIGNED), callback(INT, "t#u32"), True),
        (S, CS, False),
        (CS, S, False),
        (CS, "t#str", True),
        (UNSIGNED, const("t#u32"), False),
        (UNSIGNED, f"volatile_type {{ {UNSIGNED} }}", False),
        (UNSIGNED, f"atomic_type {{ {UNSIGNED} }}", False),
        (pointer("s#a"), pointer("s#b"), False),
        (callback(INT, S), callback(INT, CS), False),
        (UNSIGNED, "t#unheard_of", False),
    ],
)  # fmt: skip
def test_members_variables_and_typedefs_go_both_ways(old: str, new: str, *, respelled: bool) -> None:
    for rule, start, end in (
        ("variable-type", "variable ", ""),
        ("typedef-type", "typedef_type x { ", " }"),
        ("member-type", "structure_type x { member ", " m data_member_location(0) } byte_size(8)"),
    ):
        found = rules(start + old + end, start + new + end)
        assert found == {"type-respelled" if respelled else rule}


def test_a_member_with_another_name_and_another_spelling_was_renamed() -> None:
    def structure(members: str) -> str:
        return f"structure_type x {{ {members} }} byte_size(8)"

    old = f"member {UNSIGNED} a data_member_location(0) , member {INT} b data_member_location(4)"
    new = f"member t#u32 c data_member_location(0) , member {INT} b data_member_location(4)"
    assert rules(structure(old), structure(new)) == {"member-renamed", "type-respelled"}


def test_two_byte_orders_are_two_types() -> None:
    types = {
        **BASES,
        "t#__le32": "typedef_type __le32 { t#u32 }",
        "t#__be32": "typedef_type __be32 { t#u32 }",
        "t#address": "typedef_type address { t#__be32 }",
    }
    for wrap in (str, pointer, lambda kind: callback(INT, f"{UNSIGNED} n", kind)):
        old, new = f"variable {wrap('t#__le32')}", f"variable {wrap('t#address')}"
        assert rules(old, new, types=types) == rules(new, old, types=types) == {"variable-type"}
        assert rules(f"variable {wrap('t#__be32')}", new, types=types) == {"type-respelled"}
        assert rules(f"variable {wrap(UNSIGNED)}", new, types=types) == {"type-respelled"}, (
            "a mere annotation"
        )
    two = f"subprogram {function(VOID, 't#__le32 a', 't#__be32 b')}"
    swapped = f"subprogram {function(VOID, 't#__be32 a', 't#__le32 b')}"
    assert rules(two, swapped, types=types) == {"parameter-type"}


def test_under_kcfi_the_prototype_counts_and_its_spelling_does_not() -> None:
    old, spelled = (
        f"subprogram {function(VOID, f'{UNSIGNED} a', S)}",
        f"subprogram {function(VOID, 't#u32 a', S)}",
    )
    stricter = f"subprogram {function(VOID, f'{UNSIGNED} a', CS)}"
    for cfi in (True, False, None):
        assert rules(old, spelled, cfi=cfi) == {"type-respelled"}
    assert rules(old, stricter, cfi=True) == rules(stricter, old, cfi=True) == {"parameter-type"}
    assert rules(old, stricter, cfi=False) == {"const-safe"}
    (unknown,) = classify("f", old, stricter, Surroundings("f", {}, {}))
    (off,) = classify("f", old, stricter, Surroundings("f", {}, {}, cfi=False))
    assert "kCFI" in unknown.care
    assert "kCFI" not in off.care


def test_each_side_has_its_own_typedefs() -> None:
    old, new = f"subprogram {function(VOID, 't#id a')}", f"subprogram {function(VOID, f'{UNSIGNED} a')}"
    old_types, new_types = (
        {"t#id": "typedef_type id { t#u32 }", **BASES},
        {"t#id": f"typedef_type id {{ {INT} }}"},
    )
    found = classify("f", old, new, Surroundings("f", old_types, new_types))
    assert [each.rule for each in found] == ["type-respelled"]
    found = classify("f", old, new, Surroundings("f", new_types, old_types))
    assert [each.rule for each in found] == ["parameter-type"], "nothing of another object's answer is kept"


def test_alignments_of_typedefs_count() -> None:
    types = {
        **BASES,
        "t#wide": f"typedef_type wide {{ {UNSIGNED} }} alignment(16)",
        "t#wider": "typedef_type wider { t#wide }",
        "t#narrow": "typedef_type narrow { t#wide } alignment(2)",
        "t#just": f"typedef_type just {{ {UNSIGNED} }} alignment(4)",
    }

    def found(old: str, new: str, **more: str) -> set[str]:
        return rules(f"variable {old}", f"variable {new}", types=types | more)

    assert (
        found("t#wide", UNSIGNED)
        == found("t#wide", "t#narrow")
        == found("t#u32", "t#narrow")
        == {"variable-type"}
    )
    assert found("t#wide", "t#wider") == {"type-respelled"}
    # Only a machine that is known to have pointers of 64 bits aligns every scalar to its size.
    assert found("t#just", UNSIGNED) == {"variable-type"}
    assert found("t#just", UNSIGNED, any=f"variable {pointer(INT)}") == {"type-respelled"}


def test_typedefs_without_end_are_not_looked_through() -> None:
    loop = {"t#a": "typedef_type a { t#b }", "t#b": "typedef_type b { t#a }"}
    wide = {
        f"t#f{n}": f"typedef_type f{n} {{ {callback(f't#f{n + 1}', f't#f{n + 1}')} }}" for n in range(500)
    }
    for types, name in ((loop, "t#a"), (wide, "t#f0")):
        kind = parse(name)
        assert kind is not None
        assert not isinstance(kind, Function | Variable)
        assert resolved(kind, types) is None
        assert rules(f"variable {name}", f"variable {INT}", types=types) == {"variable-type"}
