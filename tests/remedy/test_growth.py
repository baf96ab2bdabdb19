"""Who has a type by value, who hands it out, and what it holds."""

from __future__ import annotations

import pytest

from kabicheck.remedy.growth import held, is_handed_out, who_minds
from tests.compare.type_strings import INT, function, member, structure

POINTER = "pointer_type { s#a } byte_size(8)"
A = structure(member(INT, "x", 0))


@pytest.mark.parametrize(
    ("user", "text", "words"),
    [
        ("f", function(INT, f"{POINTER} p"), ""),
        ("f", function(INT, "s#a"), "f passes it by value"),
        ("s#b", structure(member("s#a", "inner", 0)), "struct b has it as a member"),
        ("t#list_t", "typedef_type list_t { array_type[4] { s#a } }", "list_t is an array of it, or has one"),
        ("root", "variable s#a", "root is exported, and is or holds it"),
    ],
)
def test_who_minds(user: str, text: str, words: str) -> None:
    assert who_minds("s#a", {"s#a": A, user: text}) == words
    assert who_minds("s#a", {"s#a": A}, {"s#a": A, user: text}) == words, "either side counts"


@pytest.mark.parametrize(
    ("text", "handed_out"),
    [
        (function(POINTER), True),
        (function("pointer_type { const_type { t#a_t } } byte_size(8)"), True),
        (function("t#handle_t"), True),
        (function(INT, f"{POINTER} p"), False),
        (function(f"pointer_type {{ {POINTER} }} byte_size(8)"), False),
        (function("s#a"), False),
        (f"variable {POINTER}", False),
    ],
)
def test_what_the_kernel_hands_out(text: str, handed_out: bool) -> None:
    types = {
        "s#a": A,
        "t#a_t": "typedef_type a_t { s#a }",
        "t#handle_t": f"typedef_type handle_t {{ {POINTER} }}",
    }
    assert is_handed_out("s#a", {**types, "f": text}) == handed_out


def test_what_a_type_holds_by_value() -> None:
    unnamed = structure(member("s#inner", "i", 0)).replace(" a {", " {")
    text = structure(member("t#a_t", "a", 0), member(unnamed, "u", 16), member(POINTER, "p", 32))
    assert sorted(held(text, {"t#a_t": "typedef_type a_t { s#a }"})) == ["s#a", "s#inner", "t#a_t"]
    assert list(held(function(INT, "s#a"), {})) == []
