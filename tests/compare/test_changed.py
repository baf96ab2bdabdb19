from __future__ import annotations

import pytest

from kabicheck.compare.changed import changed_names

INT = "base_type int byte_size(4) encoding(5)"
LONG = "base_type long byte_size(8) encoding(5)"


def _member(name: str, kind: str = INT, at: int = 0) -> str:
    return f"member {kind} {name} data_member_location({at})"


def _struct(*members: str, size: int = 8, name: str = "s ") -> str:
    return f"structure_type {name}{{ {' , '.join(members)} }} byte_size({size})"


def _enum(**values: int) -> str:
    listed = " , ".join(f"enumerator {name} = {value}" for name, value in values.items())
    return f"enumeration_type e {{ {listed} }} byte_size(4)"


def _function(*parameters: str, result: str = INT) -> str:
    return f"subprogram ( {' , '.join(f'formal_parameter {each}' for each in parameters)} ) -> {result}"


A, B = _member("a"), _member("b", at=4)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (_struct(A, B), _struct(A, _member("b", LONG, 8), size=16), ("b", "b")),
        # What another one pushed away is not what changed.
        (_struct(A, B), _struct(_member("n"), _member("a", at=4), _member("b", at=8), size=12), ("", "n")),
        (_struct(A, B), _struct(_member("b"), size=4), ("a", "")),
        (_struct(A, B), _struct(A, _member("c", at=4)), ("b", "c")),
        # Nothing but the order.
        (_struct(A, B), _struct(_member("b"), _member("a", at=4)), ("ab", "ab")),
        (_struct(A, B), _struct(A, B, size=16), ("", "")),
        (_enum(X=0, Y=1), _enum(X=0, Z=1, Y=2), ("Y", "YZ")),
        (_function(f"{INT} a", f"{INT} b"), _function(f"{INT} a", f"{LONG} b"), ("b", "b")),
        (_function(f"{INT} a", f"{INT} b"), _function(f"{INT} b", f"{INT} a"), ("ab", "ab")),
        (_function(f"{INT} a"), _function(f"{INT} z"), ("a", "z")),
        (_function(INT), _function(LONG), ("", "")),
        (_function(f"{INT} a"), _function(f"{INT} a", result=LONG), ("", "")),
        ("structure_type s { }", _struct(A, B), ("", "")),
        ("", _struct(A, B), ("", "")),
        ("no declaration", "nor this one", ("", "")),
    ],
)
def test_names(old: str, new: str, expected: tuple[str, str]) -> None:
    assert changed_names(old, new) == tuple(map(frozenset, expected))
    assert changed_names(new, old) == tuple(map(frozenset, reversed(expected)))


def test_members_of_unnamed_structures() -> None:
    old, new = (_struct(_member("u", _struct(A, _member("c", kind, 4), name="")), B) for kind in (INT, LONG))
    assert changed_names(old, new) == (frozenset({"u.c"}), frozenset({"u.c"}))
