"""What holds for the rules whatever the declarations are."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.classify import classify, summarize
from kabicheck.compare.declaration import Base, Type
from kabicheck.compare.edits import MOST, edits
from kabicheck.compare.rules.table import mirror, plain
from kabicheck.compare.surroundings import Surroundings

NAMES = st.sampled_from(["a", "b", "c", "d"])
LEAVES = st.sampled_from(
    [
        "base_type int byte_size(4) encoding(5)",
        "base_type int byte_size(4) encoding(7)",
        "base_type long int byte_size(8) encoding(5)",
        "s#other",
        "pointer_type { s#other } byte_size(8)",
        "array_type[3] { t#word }",
        "pointer_type { subroutine_type ( formal_parameter s#x a ) -> base_type void } byte_size(8)",
    ]
)
SIZES = st.sampled_from([0, 4, 8, 16])
# What the kernel alone makes, and what is a member of another type; both with structures whose members can be seen.
TYPES = {
    "s#other": "structure_type other { member t#word b data_member_location(0) } byte_size(8)",
    "t#word": "typedef_type word { base_type int byte_size(4) encoding(5) }",
    "s#x": "structure_type x { }",
}
HOLDER = {"s#holder": "structure_type holder { member s#x held data_member_location(0) } byte_size(16)"}
AROUND = st.sampled_from(
    [Surroundings("s#x", types, types) for types in ({}, TYPES, TYPES, {**TYPES, **HOLDER})]
)


def listed(items: list[str]) -> str:
    return " , ".join(items)


@st.composite
def members(draw: st.DrawFn, types: st.SearchStrategy[str]) -> str:
    place = draw(
        st.sampled_from(
            ["", *(f" data_member_location({n})" for n in (0, 4, 8))]
            + [f" bit_size({bits}) data_bit_offset({n})" for bits in (1, 3) for n in (0, 3, 32)]
        )
    )
    name = draw(st.sampled_from(["", " a", " b", " c", " d", " __kabi_reserved1", " __kabi_renameda"]))
    return f"member {draw(types)}{name}{place}"


@st.composite
def aggregates(draw: st.DrawFn, name: str, types: st.SearchStrategy[str]) -> str:
    keyword = draw(st.sampled_from(["structure_type", "union_type"]))
    start = f"{keyword} {name} {{" if name else f"{keyword} {{"
    if draw(st.integers(0, 9)) == 0:
        return f"{start} }}"
    inside = listed(draw(st.lists(members(types), max_size=4)))
    aligned = draw(st.sampled_from(["", "", " alignment(8)", " alignment(16)"]))
    return f"{start} {inside} }} byte_size({draw(SIZES)}){aligned}"


@st.composite
def enumerations(draw: st.DrawFn) -> str:
    values = draw(st.lists(st.tuples(NAMES, st.integers(0, 3)), max_size=4, unique_by=lambda each: each[0]))
    inside = listed([f"enumerator {name} = {value}" for name, value in values])
    return draw(
        st.sampled_from([f"enumeration_type x {{ {inside} }} byte_size(4)", "enumeration_type x { }"])
    )


@st.composite
def functions(draw: st.DrawFn) -> str:
    parameters = draw(st.lists(st.tuples(LEAVES, st.sampled_from(["", " a", " b"])), max_size=4))
    inside = listed([f"formal_parameter {kind}{name}" for kind, name in parameters])
    return f"subprogram ( {inside} ) -> {draw(LEAVES)}"


DECLARATIONS = st.one_of(
    aggregates("x", st.one_of(LEAVES, aggregates("", LEAVES))),
    enumerations(),
    functions(),
    LEAVES.map(lambda kind: f"variable {kind}"),
    LEAVES.map(lambda kind: f"typedef_type x {{ {kind} }}"),
    aggregates("", LEAVES).map(lambda kind: f"typedef_type x {{ {kind} }}"),
    st.sampled_from(["", "nothing that is known"]),
)


@given(DECLARATIONS)
def test_nothing_is_found_in_a_declaration_and_itself(text: str) -> None:
    assert classify("s#x", text, text) == ()


@given(DECLARATIONS, DECLARATIONS, AROUND)
def test_something_is_found_in_any_two(old: str, new: str, around: Surroundings) -> None:
    found = classify("s#x", old, new, around)
    assert bool(found) == (old != new)
    assert bool(summarize(found)) == (old != new)


@given(DECLARATIONS, DECLARATIONS, AROUND)
def test_swapped_sides_mirror_every_rule(old: str, new: str, around: Surroundings) -> None:
    """Moves are told in runs, which depend on the order of the old side: only that there are some is the same."""
    forwards = Counter(mirror(finding.rule) for finding in classify("s#x", old, new, around))
    backwards = Counter(plain(finding.rule) for finding in classify("s#x", new, old, around))
    assert forwards.keys() == backwards.keys()
    for counts in (forwards, backwards):
        counts.pop("member-moved", None)
    assert forwards == backwards


PARAMETERS: st.SearchStrategy[list[Type]] = st.lists(
    st.sampled_from([Base("int", 4), Base("char", 1), Base("long", 8)]), max_size=7
)


def counts(old: list[Type], new: list[Type]) -> tuple[int, int, int]:
    """Added, removed, of another type."""
    found = edits(old, new)
    return (
        sum(edit.old is None for edit in found),
        sum(edit.new is None for edit in found),
        sum(edit.old is not None and edit.new is not None for edit in found),
    )


@given(PARAMETERS, PARAMETERS)
def test_edits_lead_from_one_list_to_the_other(old: list[Type], new: list[Type]) -> None:
    added, removed, retyped = counts(old, new)
    assert len(old) + added - removed == len(new)
    assert counts(new, old) == (removed, added, retyped)
    assert added + removed + retyped <= max(len(old), len(new))
    assert all(edit.old != edit.new for edit in edits(old, new))
    assert bool(edits(old, new)) == (old != new)


def test_the_fewest_edits() -> None:
    a, b, c = Base("int", 4), Base("char", 1), Base("long", 8)
    assert counts([a, b, c], [a, b, b, c]) == (1, 0, 0)
    assert counts([a, b], [c, a, b, c]) == (2, 0, 0)
    assert counts([a, b], [b, a]) == (0, 0, 2)
    assert [(e.place, e.old, e.new) for e in edits([a, b, c], [a, c])] == [(2, b, None)]


def test_endless_lists_are_not_matched() -> None:
    many: list[Type] = [Base("int", 4)] * (MOST + 1)
    other: list[Type] = [Base("char", 1)] * (MOST + 3)
    assert counts(many, other) == (2, 0, MOST + 1)
