"""genksyms' type strings, shown as C and told apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.c_words import c_difference, c_lines
from kabicheck.compare.causes import lines_of, title
from kabicheck.compare.classify import classify, summarize
from kabicheck.formats.symtypes import is_c, read_symtypes
from kabicheck.model import Severity

WALK = Path(__file__).parents[1] / "formats/data/walk_changed.symtypes"
SHOWN = """\
typedef unsigned int u32;
enum color {
        RED,
        GREEN = 5,
        BLUE,
        LAST = sizeof("a b"),
};
union value {
        int i;
        float f;
};
(5) + 1;
struct foo {
        UNKNOWN
};
struct node {
        struct node *next;
        u32 flags : 3;
        enum color color;
        union value *value;
        struct {
                int x, y[BLUE];
        } place;
        int (*visit)(struct foo *, const char *, ...);
        long added;
};
typedef struct node node_t;
int walk(struct node *, node_t *, struct foo *);
int counter;
struct node table[16];
void none(void);
"""


def lines(text: str) -> str:
    return "".join(f"{line.code}\n" for line in c_lines(text))


def test_what_genksyms_wrote_is_shown_as_it_stood_in_the_source() -> None:
    assert "".join(map(lines, read_symtypes(WALK).values())) == SHOWN


def test_long_lists_have_a_line_for_each_parameter() -> None:
    kinds = [f"s#some_quite_long_name_{n} *" for n in range(4)]
    text = f"struct ops {{ int ( * call ) ( {' , '.join(kinds)} , void ( * ) ( int , int ) ) ; }}"
    assert lines(text) == (
        "struct ops {\n"
        "        int (*call)(\n"
        + "".join(f"                struct some_quite_long_name_{n} *,\n" for n in range(4))
        + "                void (*)(int, int)\n        );\n};\n"
    )


@pytest.mark.parametrize(
    ("old", "new", "summary"),
    [
        ("struct a { int x ; }", "struct a { int x ; int y ; }", "member added"),
        ("struct a { int x ; int y ; long z ; }", "struct a { long z ; }", "2 members removed"),
        ("struct a { int x ; }", "struct a { long x ; }", "member changed"),
        ("struct a { int x ; int y ; }", "struct a { int y ; int x ; }", "order of members changed"),
        ("struct a { int x ; }", "struct a { struct { int y ; } b ; int x ; }", "2 members added"),
        ("enum e { A , B }", "enum e { A , B = 4 , C }", "enumerator changed, enumerator added"),
        ("struct a { int x ; }", "union a { int x ; }", "type string changed"),
        ("typedef int t", "typedef long t", "type changed"),
        ("int f ( int )", "int f ( long )", "parameters changed"),
        ("int f ( int )", "void f ( int )", "return type changed"),
        ("int f ( int )", "void f ( long )", "return type changed, parameters changed"),
        ("int v", "long v", "type string changed"),
    ],
)
def test_a_difference_counts_as_one_of_the_layout(old: str, new: str, summary: str) -> None:
    for sides in ((old, new), (new, old)):
        found = classify("s#a", *sides)
        assert [(finding.rule, finding.severity) for finding in found] == [("type-text", Severity.BREAKING)]
    assert summarize(classify("s#a", old, new)) == summary
    assert c_difference(old, "structure_type a { }") == ""


@pytest.mark.parametrize(
    ("name", "old", "new", "summary"),
    [
        ("E#BLUE", "( 5 ) + 1", "( 5 ) + 2", "enumerator value changed"),
        ("E#BLUE", "sizeof ( int )", "sizeof ( long )", "enumerator value changed"),
        ("E#BLUE", "( E#RED | E#GREEN ) + 1", "7", "enumerator value changed"),
        ("E#BLUE", "enum constant BLUE { UNKNOWN }", "7", "enumerator value changed"),
        ("v", "int v", "long v", "variable type changed"),
        (
            "handlers",
            "void ( * handlers [ 4 ] ) ( int )",
            "void ( * handlers [ 4 ] ) ( long )",
            "variable type changed",
        ),
        ("f", "void ( * f ( int ) ) ( int )", "void ( * f ( long ) ) ( int )", "parameters changed"),
        ("f", "int f ( int )", "int f", "type string changed"),
        ("t#f", "typedef int ( * f ) ( int )", "typedef int ( * f ) ( long )", "type changed"),
        ("u#value", "union value { int i ; }", "union value { long i ; }", "member changed"),
    ],
)
def test_what_a_name_is_decides_what_changed(name: str, old: str, new: str, summary: str) -> None:
    found = classify(name, old, new)
    assert [(finding.rule, finding.severity) for finding in found] == [("type-text", Severity.BREAKING)]
    assert summarize(found) == summary


def test_an_enumerator_is_shown_with_its_name() -> None:
    assert [line.code for line in lines_of("E#BLUE", "( 5 ) + 1", {})] == ["BLUE = (5) + 1;"]
    assert title("E#BLUE", "( 5 ) + 1") == "enumerator BLUE"


def test_a_definition_that_came_into_sight() -> None:
    declared, defined = "struct a { UNKNOWN }", "struct a { int x ; }"
    assert [f.rule for f in classify("s#a", declared, defined)] == ["became-defined"]
    assert [f.rule for f in classify("s#a", defined, declared)] == ["became-declared"]


WORDS = st.sampled_from(["int", "x", "s#a", "E#B", "enum", "struct", "...", *"{}();,[]*:="])


@given(st.lists(WORDS).map(" ".join))
def test_whatever_it_is_no_word_is_lost(text: str) -> None:
    found = lines(text).replace(";", "").replace(",", "").split()
    shown = text.replace("s#a", "struct a").replace("E#B", "B").replace(";", "").replace(",", "")
    assert "".join(found) == "".join(shown.split())


def test_which_tool_it_was() -> None:
    assert is_c("struct base_type { }")
    assert is_c("variable_t")
    assert not any(
        map(is_c, ("variable s#a", "array_type[3] { s#a }", "base_type void", "subprogram ( )", ""))
    )
