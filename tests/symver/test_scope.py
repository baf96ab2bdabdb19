"""Names of scopes, and who may be an exported symbol, by the careful reader."""

from __future__ import annotations

import pytest

from kabicheck.dwarf.die import DieReader
from kabicheck.symver.scope import Scopes, inner_prefix, nested_prefixes
from tests.dwarf.objects import dies, read
from tests.dwarf_writer import Unit, die, function, member, struct_type, variable
from tests.symver.objects import INT


@pytest.mark.parametrize(
    ("name", "around", "prefix"),
    [
        ("a", "", "a::"),
        ("b", "a::", "a::b::"),
        (None, "", ""),
        (None, "a::", "a::<anonymous>::"),
    ],
)
def test_what_a_scope_passes_on(name: str | None, around: str, prefix: str) -> None:
    """resolve_fqns: an outermost scope without a name is none."""
    assert inner_prefix(name, around) == prefix


def test_candidates_come_in_the_order_of_the_walk() -> None:
    origin = function("inlined")
    info = read(
        Unit(
            variable("v", INT),
            die("namespace", struct_type("s", die("subprogram", name="m", linkage_name="_m")), name="a"),
            die("subprogram", variable("inside", INT), name="f"),
            die("subprogram", abstract_origin=origin),
            origin,
        )
    )
    found = Scopes(DieReader(info, info.units[0])).candidates
    assert [each.name for each in found] == ["v", "_m", "f", None, "inlined"]
    assert found[3].origin == found[4].offset
    assert [each.origin for each in found if each is not found[3]] == [None] * 4


def test_prefixes_inside_of_what_was_jumped_over() -> None:
    """A union and a function are no scopes, but what is in a structure there has a prefix."""
    leaf = struct_type("leaf", member("x", INT))
    union = die("union_type", struct_type("inner", leaf), name="u")
    info = read(Unit(die("namespace", union, name="a"), variable("v", leaf)))
    reader = DieReader(info, info.units[0])
    scopes = Scopes(reader)
    (namespace, _, *_) = dies(reader)
    (outer,) = reader.children(namespace)
    (inner,) = reader.children(outer)
    (deepest,) = reader.children(inner)
    assert scopes.prefix(outer.offset) == "a::"
    assert scopes.prefix(inner.offset) == ""
    assert scopes.prefix(deepest.offset) == "inner::"
    assert scopes.prefix(deepest.offset) == "inner::", "also when it is asked again"
    assert nested_prefixes(reader, inner) == {
        deepest.offset: "inner::",
        next(reader.children(deepest)).offset: "inner::leaf::",
    }
