"""Each type in a type string with its own text."""

from __future__ import annotations

from kabicheck.compare.declaration import Pointer, Reference
from kabicheck.compare.type_texts import type_texts
from tests.compare.type_strings import INT, member, structure


def test_every_type_has_its_text() -> None:
    pointer = "pointer_type { s#b } byte_size(8)"
    text = structure(member(INT, "x", 0), member(pointer, "p", 8))
    texts = type_texts(text)
    assert texts[Reference("s#b")] == "s#b"
    assert texts[Pointer(Reference("s#b"), 8)] == pointer
    assert {INT, text} <= set(texts.values())


def test_what_cannot_be_read_has_none() -> None:
    assert type_texts("structure_type a { member") == {}
