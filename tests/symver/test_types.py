"""The longest text of a name, and references in type_string rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.errors import ObjectError
from kabicheck.symver.grammar import MARK
from kabicheck.symver.types import TypeStrings, parse_rule


@pytest.mark.parametrize(
    ("text", "references"),
    [
        ("structure_type s { }", []),
        ("member s#a x", ["s#a"]),
        ("s#a", ["s#a"]),
        ("u#a e#b t#c", ["u#a", "e#b", "t#c"]),
        ("s#'a b' s#'c'", ["s#'a b'", "s#'c'"]),
        ("s#'a'b c", ["s#'a'"]),
        ("class#a", ["s#a"]),  # any `s#` begins one
        ("s#a,t#b", ["s#a,t#b"]),  # only a space ends one
        ("x#a s #a", []),
        ("s#s#a", ["s#s#a"]),
    ],
)
def test_references_in_rules(text: str, references: list[str]) -> None:
    found = parse_rule("v", text, "x.o")
    assert found.split(MARK)[1::2] == references
    assert found.replace(MARK, "") == text


@given(st.text("sut#' a", min_size=1))
def test_a_rule_is_kept_or_refused(text: str) -> None:
    try:
        assert parse_rule("v", text, "x.o").replace(MARK, "") == text
    except ObjectError as error:
        assert str(error).startswith("x.o: ")


@given(st.permutations([(0, "short"), (1, "longer"), (2, "longes"), (3, "longer"), (4, f"{MARK}lo{MARK}")]))
def test_whatever_the_order_the_longest_and_first_in_the_file_counts(order: list[tuple[int, str]]) -> None:
    strings = TypeStrings()
    for die, text in order:
        strings.add("s#s", text, die)
    assert strings.named["s#s"] == "longer"
    assert strings.ties == {"s#s"}
    assert len(strings.warnings) == 1


def test_ties_are_forgotten_when_a_longer_text_comes() -> None:
    strings = TypeStrings()
    for die, text in enumerate(("ab", "cd", "efg")):
        strings.add("s#s", text, die)
    assert strings.named == {"s#s": "efg"}
    assert strings.dies == {"s#s": 2}
    assert strings.warnings == []
