"""Changes that a rule hides, each with the rule compiled in, and without it beside the rule outside the source."""

from __future__ import annotations

from typing import NamedTuple

from kabicheck.formats.kabi_rules import KabiRule

LONG = "base_type long int byte_size(8) encoding(5)"
ULONG = "base_type long unsigned int byte_size(8) encoding(7)"


class Case(NamedTuple):
    """inside: a header with macros; plain: the same change without them, for `rules`; base: what was there before."""

    name: str
    inside: str
    plain: str
    rules: tuple[KabiRule, ...]
    base: str = ""
    code: str = "struct s v; int f(struct s *p) { return p != 0; }"
    exports: tuple[str, ...] = ("v", "f")


def _rules(
    *rules: tuple[str, str] | tuple[str, str, str] | tuple[str, str, str, str],
) -> tuple[KabiRule, ...]:
    return tuple(KabiRule(*fields) for fields in rules)


_NESTED = "struct inner {{ int a; {member} }}; struct s {{ struct inner first; struct inner second; }};"
_TWICE = (
    "struct inner v; int f(struct inner *p, struct s *q) { return p != 0; } int g(struct s *q) { return 0; }"
)

CASES = (
    Case(
        "declonly",
        "struct o { int x; }; struct s { struct o *p; }; KABI_DECLONLY(o);",
        "struct o { int x; }; struct s { struct o *p; };",
        _rules(("declonly", "o")),
        base="struct o; struct s { struct o *p; };",
    ),
    Case(
        "enumerators",
        "enum e { A, B, LAST }; struct s { enum e e; };"
        "KABI_ENUMERATOR_IGNORE(e, B); KABI_ENUMERATOR_VALUE(e, LAST, 1);",
        "enum e { A, B, LAST }; struct s { enum e e; };",
        _rules(("enumerator_ignore", "e B"), ("enumerator_value", "e LAST", "1")),
        base="enum e { A, LAST }; struct s { enum e e; };",
    ),
    Case(
        "byte_size",
        "struct s { long a; KABI_IGNORE(0, long b); }; KABI_BYTE_SIZE(s, 8);",
        "struct s { long a; long b; };",
        _rules(("member_ignore", "s b"), ("byte_size", "s", "8")),
        base="struct s { long a; };",
    ),
    Case(
        "type_string",
        'struct t { int a; }; struct s { struct t *t; long b; }; KABI_TYPE_STRING("s#s", "structure_type s { s#t }");'
        'KABI_TYPE_STRING("f", "subprogram ( ) -> s#gone"); KABI_TYPE_STRING("s#gone", "what was there");',
        "struct t { int a; }; struct s { struct t *t; long b; };",
        _rules(
            ("type_string", "s#s", "structure_type s { s#t }"),
            ("type_string", "f", "subprogram ( ) -> s#gone"),
            ("type_string", "s#gone", "what was there"),
        ),
    ),
    Case(
        "ignore_in_a_hole",
        "struct s { int a; KABI_IGNORE(0, unsigned int n); long b; };",
        "struct s { int a; unsigned int n; long b; };",
        _rules(("member_ignore", "s n")),
        base="struct s { int a; long b; };",
    ),
    Case(
        "ignore_the_first_member_of_unnamed_ones",
        "struct s { struct { KABI_IGNORE(0, int x); int y; };"
        "union { struct { int z; KABI_IGNORE(1, int w); }; } u; };",
        "struct s { struct { int x; int y; }; union { struct { int z; int w; }; } u; };",
        _rules(("member_ignore", "s x"), ("member_ignore", "s u.w")),
    ),
    Case(
        "use",
        "struct n { long a; }; struct s { int a; KABI_USE(1, struct n *b); KABI_RESERVE(2); };",
        "struct n { long a; }; struct s { int a; struct n *b; KABI_RESERVE(2); };",
        _rules(("member_use", "s b", ULONG)),
        base="struct s { int a; KABI_RESERVE(1); KABI_RESERVE(2); };",
    ),
    Case(
        "use_for_two",
        "struct s { long a; KABI_USE2(1, int b, int c); };",
        "struct s { long a; int b; int c; };",
        _rules(("member_use", "s b", ULONG), ("member_ignore", "s c")),
        base="struct s { long a; KABI_RESERVE(1); };",
    ),
    Case(
        "use_an_array",
        "struct s { long a; KABI_USE_ARRAY(1, 16, struct { int n; void *p; }); };",
        "struct s { long a; int n; void *p; };",
        _rules(
            ("member_use", "s n", "array_type[16] { base_type unsigned char byte_size(1) encoding(8) }"),
            ("member_ignore", "s p"),
            ("alignment", "s", "8"),
        ),
        base="struct s { long a; KABI_RESERVE_ARRAY(1, 16); };",
    ),
    Case(
        "replace",
        "struct s { int a; KABI_REPLACE(unsigned long, old, long renamed); int b; };",
        "struct s { int a; long renamed; int b; };",
        _rules(("member_replace", "s renamed", ULONG, "old")),
        base="struct s { int a; unsigned long old; int b; };",
    ),
    Case(
        "rename",
        "struct s { int a; KABI_REPLACE(unsigned long, old, unsigned long renamed); int b; };",
        "struct s { int a; unsigned long renamed; int b; };",
        _rules(("member_replace", "s renamed", ULONG, "old")),
        base="struct s { int a; unsigned long old; int b; };",
    ),
    Case(
        "replace_a_reference",
        "struct o { struct s *up; }; typedef struct o *o_t; struct s { KABI_REPLACE(o_t, old, void *now); int b; };",
        "struct o { struct s *up; }; typedef struct o *o_t; struct s { void *now; int b; };",
        _rules(("member_replace", "s now", "t#o_t", "old")),
        # Not the version of what was there before: the members of struct o make the tool forget the old name.
        # Compilers leave out types that nothing uses.
        code="static o_t kept; struct s v; int f(struct s *p) { return kept == (void *)p; }",
    ),
    Case(
        "replace_by_what_is_not_in_the_object",
        "struct o; struct s { KABI_REPLACE(const struct o *, old, void *now); int b; };",
        "struct s { void *now; int b; };",
        _rules(
            ("member_replace", "s now", "pointer_type { const_type { s#o } } byte_size(8)", "old"),
            ("type_string", "s#o", "structure_type o { }"),
        ),
        base="struct o; struct s { const struct o *old; int b; };",
    ),
    Case(
        # kabi.orig_name is forgotten while the members of the placeholder are walked, but not where they are known.
        "replace_a_structure",
        "struct o { int x; int y; }; struct s { KABI_REPLACE(struct o, old, long now); int b; };",
        "struct o { int x; int y; }; struct s { long now; int b; };",
        _rules(("member_replace", "s now", "s#o", "old")),
        code="struct o v; struct s w; struct s *f(void) { return 0; }",
        exports=("v", "w", "f"),
    ),
    Case(
        "a_name_that_reaches_further_than_meant",
        _NESTED.format(member="KABI_REPLACE(long, old, unsigned long now);"),
        _NESTED.format(member="unsigned long now;"),
        _rules(("member_replace", "inner now", LONG, "old")),
        code="struct s v; struct s *f(struct s *p) { return p; }",
    ),
    Case(
        "the_same_where_the_type_is_known",
        _NESTED.format(member="KABI_REPLACE(long, old, unsigned long now);"),
        _NESTED.format(member="unsigned long now;"),
        _rules(("member_replace", "inner now", LONG, "old")),
        code=_TWICE,
        exports=("v", "f", "g"),
    ),
    Case(
        "typedef_of_an_unnamed_structure",
        "typedef struct { int a; KABI_IGNORE(0, int n); long b; } s_t; struct s { s_t s; };",
        "typedef struct { int a; int n; long b; } s_t; struct s { s_t s; };",
        _rules(("member_ignore", "s_t n")),
        base="typedef struct { int a; long b; } s_t; struct s { s_t s; };",
    ),
    Case(
        "a_bit_field",
        "struct s { long a; KABI_REPLACE(unsigned int, old, unsigned int new_ : 3); };",
        "struct s { long a; unsigned int new_ : 3; };",
        _rules(("member_replace", "s new_", "base_type unsigned int byte_size(4) encoding(7)", "old")),
        base="struct s { long a; unsigned int old; };",
    ),
    Case(
        "of_two_units_structures",
        "struct s { int a; KABI_IGNORE(0, int n); long b; }; struct t { struct s s; KABI_IGNORE(0, long n); };",
        "struct s { int a; int n; long b; }; struct t { struct s s; long n; };",
        _rules(("member_ignore", "s n"), ("member_ignore", "t n")),
        code="struct t v; int f(struct s *p, struct t *q) { return p != 0; }",
    ),
)

# Headers with `__kabi_*` members of all kinds, for code that exports `v` and `f`.
HEADERS_CODE = "struct s v; int f(struct s *p, int __kabi_x) { return p != 0; }"
HEADERS = {
    "reserved": "struct s { int a; KABI_RESERVE(1); KABI_RESERVE(2); };",
    "used": "struct n { struct s *up; }; struct s { int a; KABI_USE(1, struct n *b); KABI_RESERVE(2); };",
    "used for two": "struct s { long a; KABI_USE2(1, int b, int c); long d; };",
    "replaced": "struct s { int a; KABI_REPLACE(unsigned long, old, long renamed); int b; };",
    "ignored": "struct s { int a; KABI_IGNORE(0, unsigned int n); struct s *next; };",
    "all ignored": "struct s { KABI_IGNORE(0, int n); KABI_IGNORE(1, int m); };",
    "a placeholder with a name": "typedef unsigned long word_t; typedef word_t u64;"
    "struct s { union { void *p; struct { u64 __kabi_reserved1; }; }; union { int i; u64 __kabi_reserved2; } u; };",
    "a placeholder that leads back": "struct s { union { int i; struct s *__kabi_reserved1; }; struct s *next; };",
    "parameters": "struct s { int (*f)(struct s *, int); };",
    "a pointer to an ignored union": "struct s { union { int n; char __kabi_ignored0; } *p; int a; };",
    "the first member of a structure": "struct rest { KABI_RESERVE(1); KABI_RESERVE(2); };"
    "struct s { union { struct rest rest; int i; }; struct rest *more; };",
}
