from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.attribute.source import MOST_LINES, extent, extents

HEADER = """\
/* SPDX { */
#ifndef _X_H
#define _X_H \\
	struct not_this {
#include "y.h"

extern "C" {

struct s {	/* a comment with ; and }
	over two lines */
	int a;	// }
	char b['}' == '"' ? 1 : 2];
#ifdef CONFIG_A
	struct {
#else
	union {	/* one brace too many for who reads both */
#endif
		int c;
	} u;
};

typedef struct {
	int d;
}
name_t;

enum e {
	RED,
	GREEN = sizeof("}"),
	BLUE
};

struct __attribute__((packed)) p { int x; };
extern int v[
	3];

static inline struct s *
f(int a,
  int b)
{
	int RED;
	if (a) {
		return 0;
	}
	return 0;
}

#define LAST(x) ({ x; })
int last;
}
#endif
"""


def _line(text: str, wanted: str) -> int:
    return 1 + next(number for number, line in enumerate(text.splitlines()) if wanted in line)


@pytest.mark.parametrize(
    ("at", "first", "last", "end"),
    [
        ("int a;", "struct s {", "};", "};"),
        ("int c;", "struct s {", "};", "};"),
        ("name_t;", "typedef struct", "name_t;", "name_t;"),
        ("typedef struct", "typedef struct", "name_t;", "name_t;"),
        ("struct __attribute__", "struct __attribute__", "struct __attribute__", "struct __attribute__"),
        ("extern int v", "extern int v", "\t3];", "\t3];"),
        ("f(int a,", "static inline", "{", "}"),
        ("int last;", "int last;", "int last;", "int last;"),
    ],
)
def test_a_line_belongs_to_the_declaration_around_it(at: str, first: str, last: str, end: str) -> None:
    found = extent(HEADER, _line(HEADER, at))
    assert found
    lines = HEADER.splitlines()
    assert lines[found.first - 1].startswith(first)
    assert (lines[found.last - 1], lines[found.end - 1]) == (
        next(line for line in lines[found.first - 1 :] if line.startswith(last)),
        next(line for line in lines[found.last - 1 :] if line.startswith(end)),
    )


@pytest.mark.parametrize(
    "at", ["SPDX", "#ifndef", "struct not_this", 'include "y.h"', "#define LAST", "#endif"]
)
def test_other_lines_belong_to_none(at: str) -> None:
    assert extent(HEADER, _line(HEADER, at)) is None or at == "#endif"


def test_words_stand_on_their_lines() -> None:
    found = extent(HEADER, _line(HEADER, "enum e"))
    assert found
    assert [found.words[word] for word in ("RED", "GREEN", "BLUE")] == [
        [_line(HEADER, word)] for word in ("RED,", "GREEN", "BLUE")
    ]


def test_words_of_a_body_are_not_the_declaration_s() -> None:
    found = extent(HEADER, _line(HEADER, "f(int a,"))
    assert found
    assert "RED" not in found.words
    assert list(found.lines) == [_line(HEADER, "static inline") + number for number in range(4)]


def test_rust_ends_structures_without_a_semicolon() -> None:
    text = """\
#[repr(C)]
pub struct A<'a> {
    x: &'a str,
}

pub enum B { C }
impl<'a> A<'a> {
    fn f(&self) -> char {
        '{'
    }
}
pub fn g(a: u8)
    -> u8 {
    a
}
"""
    found = [(each.first, each.last, each.end) for each in extents(text)]
    assert found == [(2, 4, 4), (6, 6, 6), (7, 11, 11), (12, 13, 15)]


def test_braces_that_do_not_match_make_no_endless_declaration() -> None:
    found = extent("struct s {\n" * 2 + "int a;\n" * 9999, 1)
    assert found
    assert len(found.lines) == MOST_LINES


@given(text=st.text(alphabet="{}();=\"'\\/*#\nab ", max_size=60))
def test_any_text_has_extents_in_order(text: str) -> None:
    count = text.count("\n") + 1
    end = 0
    for found in extents(text):
        assert 1 <= found.first <= found.last <= found.end <= count
        assert found.first >= end
        end = found.end


@pytest.mark.parametrize("piece", ['"', "/*", "#/*", "'", "\\", "{", '"\\', "a(", "#if\n", "//"])
def test_long_hostile_texts_end(piece: str) -> None:
    for text in (piece * 50_000, piece * 50_000 + "\\"):
        assert sum(1 for _ in extents(text)) <= 50_000
