"""CRCs of concatenations, and versions put together from them."""

from __future__ import annotations

from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.errors import ObjectError
from kabicheck.symver.grammar import MARK
from kabicheck.symver.types import TypeStrings
from kabicheck.symver.version import Versions, multiply, shift


@given(st.binary(), st.binary())
def test_the_crc_of_a_concatenation(one: bytes, two: bytes) -> None:
    assert multiply(shift(len(two)), crc32(one)) ^ crc32(two) == crc32(one + two)


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_the_crc_of_many_parts(parts: list[bytes]) -> None:
    crc = 0
    for part in parts:
        crc = multiply(shift(len(part)), crc) ^ crc32(part)
    assert crc == crc32(b"".join(parts))


@given(st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_shifts_add_up(a: int, b: int) -> None:
    assert multiply(shift(a), shift(b)) == shift(a + b)


def test_long_texts() -> None:
    one, two = b"x" * 3_000_001, bytes(5_000_003)
    assert multiply(shift(len(two)), crc32(one)) ^ crc32(two) == crc32(one + two)


# Types with names of one letter; an upper-case letter is a reference.
bodies = st.text("abABCD ", max_size=12)
named = st.fixed_dictionaries(dict.fromkeys("ABCD", bodies))


def marked(body: str) -> str:
    return "".join(f"{MARK}s#{c}{MARK}" if c.isupper() else c for c in body)


def written_out(body: str, types: dict[str, str], seen: set[str]) -> str:
    """types.c: __calculate_version, as simply as it can be said."""
    out = ""
    for c in body:
        if not c.isupper():
            out += c
        elif c in seen:
            out += f"s#{c}"
        else:
            seen.add(c)
            out += written_out(types[c], types, seen)
    return out


@given(named, st.lists(bodies, min_size=1, max_size=6))
def test_every_reference_is_written_out_once(types: dict[str, str], exports: list[str]) -> None:
    """Whatever the exports of one object share, each gets what it would get alone."""
    strings = TypeStrings()
    strings.named = {f"s#{name}": marked(body) for name, body in types.items()}
    strings.symbols = {f"f{n}": marked(body) for n, body in enumerate(exports)}
    versions = Versions(strings, "x.o")
    for n, body in enumerate(exports):
        seen: set[str] = set()
        text = written_out(body, types, seen)
        assert versions.crc(f"f{n}") == crc32(text.encode())
        assert versions.text(f"f{n}") == text
        assert versions.reached(f"f{n}") == {f"s#{name}".encode() for name in seen}


def test_a_reference_to_nothing() -> None:
    strings = TypeStrings()
    strings.symbols = {"f": f"variable {MARK}s#absent{MARK}"}
    with pytest.raises(ObjectError, match=r"^x\.o: unknown type reference to 's#absent'$"):
        Versions(strings, "x.o").crc("f")
