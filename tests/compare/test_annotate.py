"""Who changed each line of a type diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.annotate import annotated_diff, suspected_diff
from kabicheck.compare.causes import lines_of
from kabicheck.compare.typediff import type_diff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.model import DiffLine

# Types of one size, so that a member's place says how many stand before it.
TYPES = {
    "long": "base_type long byte_size(8) encoding(5)",
    "double": "base_type double byte_size(8) encoding(4)",
    "void *": "pointer_type { base_type void } byte_size(8)",
}
U32 = "base_type unsigned int byte_size(4) encoding(7)"


def struct(members: Mapping[str, str]) -> str:
    """The type string of `struct a` with these members (name → type), in the order of their names."""
    inside = " , ".join(
        f"member {TYPES[kind]} {name} data_member_location({8 * place})"
        for place, (name, kind) in enumerate(sorted(members.items()))
    )
    return f"structure_type a {{ {inside} }} byte_size({8 * len(members)})"


def annotated(name: str, *texts: str) -> list[str]:
    """The diff of some type strings, made by 0, 1, …, without offsets: `+0 long x;`"""
    diff = annotated_diff(name, [(text, {}) for text in texts], range(len(texts) - 1))
    return [f"{line.mark}{_number(line)} {code(line)}" for line in diff]


def _number(line: DiffLine) -> str:
    return "" if line.culprit is None else str(line.culprit)


def code(line: DiffLine) -> str:
    return line.text.split("/*")[0].strip()


def test_two_commits_on_one_declaration_have_each_their_lines() -> None:
    one, two, three = {"a": "long", "b": "long"}, {"a": "long", "b": "double"}, {"b": "double", "c": "void *"}
    assert annotated("s#a", struct(one), struct(two), struct(three)) == [
        "  struct a {",
        "-1 long a;",
        "-0 long b;",
        "+0 double b;",
        "+1 void *c;",
        "  };",
    ]


def test_a_line_that_changed_twice_was_taken_by_one_and_brought_by_the_other() -> None:
    texts = [struct({"a": kind}) for kind in ("long", "double", "void *")]
    assert annotated("s#a", *texts) == ["  struct a {", "-0 long a;", "+1 void *a;", "  };"]


def test_what_comes_and_goes_in_between_is_nobodys() -> None:
    one, other, last = {"a": "long"}, {"a": "long", "b": "long"}, {"a": "double"}
    assert annotated("s#a", struct(one), struct(other), struct(one), struct(last)) == [
        "  struct a {",
        "-2 long a;",
        "+2 double a;",
        "  };",
    ]


def test_members_that_are_moved_are_no_edits_and_the_size_is_that_of_who_made_it() -> None:
    one, two, three = {"m": "long"}, {"b": "long", "m": "long"}, {"a": "long", "b": "long", "m": "long"}
    assert annotated("s#a", struct(one), struct(two), struct(three)) == [
        "  struct a {",
        "+1 long a;",
        "+0 long b;",
        "  long m;",
        "-0 };",
        "+1 };",
    ]


def test_a_member_whose_type_grew_elsewhere() -> None:
    text = "structure_type a { member s#b b data_member_location(0) } byte_size(64)"
    sizes = [{"s#b": f"structure_type b {{ }} byte_size({size})"} for size in (8, 16, 32)]
    diff = annotated_diff(
        "s#a", [(text, sizes[0]), (text, sizes[1]), (text.replace("64", "65"), sizes[2])], (4, 7)
    )
    assert [(line.mark, code(line), line.culprit) for line in diff] == [
        (" ", "struct a {", None),
        ("-", "struct b b;", 4),
        ("+", "struct b b;", 7),
        ("-", "};", 7),
        ("+", "};", 7),
    ]


def test_signatures_enumerators_and_what_c_does_not_tell_apart() -> None:
    signatures = (f"subprogram ( {TYPES[kind]} ) -> base_type void" for kind in TYPES)
    raw = [text.replace("( ", "( formal_parameter ") for text in signatures]
    assert annotated("f", *raw) == ["-0 void f(long);", "+1 void f(void *);"]
    enums = [
        f"enumeration_type e {{ {values} }} byte_size(4)"
        for values in (
            "enumerator A = 0",
            "enumerator A = 0 , enumerator B = 1",
            "enumerator A = 5 , enumerator B = 1",
        )
    ]
    assert annotated("e#e", *enums) == ["  enum e {", "-1 A = 0,", "+1 A = 5,", "+0 B = 1,", "  };"]
    encodings = [f"base_type a byte_size(1) encoding({number})" for number in (5, 6, 7)]
    assert annotated("s#a", *encodings)[0].startswith("-0 base_type")
    assert annotated("s#a", *encodings)[1].endswith("encoding(7)")


def test_a_declaration_that_was_not_there_in_between() -> None:
    text, other = struct({"a": "long"}), struct({"a": "double"})
    assert annotated("s#a", text, "", other) == ["  struct a {", "-0 long a;", "+1 double a;", "  };"]


def test_suspects_are_named_by_member() -> None:
    union = (
        f"union_type {{ member {U32} b data_member_location(0) , "
        "member structure_type { member TYPE c data_member_location(0) } byte_size(8) s } byte_size(8)"
    )
    text = f"structure_type a {{ member {U32} x data_member_location(0) , member {union} data_member_location(8) }}"
    old, new = (f"{text.replace('TYPE', TYPES[kind])} byte_size(16)" for kind in ("long", "double"))
    asked: list[tuple[str, str]] = []

    def suspect(mark: str, name: str) -> int | None:
        asked.append((mark, name))
        return {"-": 3}.get(mark)

    diff = suspected_diff("s#a", (old, {}), (new, {}), suspect)
    assert asked == [("-", "s.c"), ("+", "s.c")]
    assert [line.culprit for line in diff if line.mark != " "] == [3, None]


def test_lines_carry_the_names_of_what_they_declare() -> None:
    parameters = " , ".join(f"formal_parameter {TYPES['void *']} a_long_name_{n}" for n in range(6))
    lines = lines_of("f", f"subprogram ( {parameters} ) -> base_type void", {})
    assert [line.name for line in lines] == ["", *(f"a_long_name_{n}" for n in range(6)), ""]
    lines = lines_of("e#e", "enumeration_type e { enumerator A = 0 , enumerator B = 1 } byte_size(4)", {})
    assert [line.name for line in lines] == ["", "A", "B", ""]


Members = dict[str, str] | None
# None: the declaration is not there.
STATES = st.lists(
    st.none() | st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([*TYPES])),
    min_size=2,
    max_size=7,
).filter(lambda states: states[0] != states[-1])


def lines_in(members: Members) -> set[str]:
    """What the rendering of a state says, one line each, without places."""
    if members is None:
        return set()
    inside = {f"{kind} {name};".replace("* ", "*") for name, kind in members.items()}
    return {"struct a {", f"}}; {8 * len(members)}", *inside}


def said(line: DiffLine) -> str:
    size = f" {line.text.split()[-2]}" if code(line) == "};" else ""
    return code(line) + size


@given(STATES)
def test_every_marked_line_has_the_culprit_of_a_search_through_all_states(states: Sequence[Members]) -> None:
    texts = ["" if members is None else struct(members) for members in states]
    diff = annotated_diff("s#a", [(text, {}) for text in texts], range(len(states) - 1))
    sets = [lines_in(members) for members in states]
    for line in diff:
        if line.mark == " ":
            assert line.culprit is None
            continue
        there_before = [said(line) in found for found in sets[:-1]]
        assert line.culprit == max(
            step for step, there in enumerate(there_before) if there == (line.mark == "-")
        )


WORDS = st.lists(st.sampled_from(["a", "b", "{", "}", ","]), max_size=12).map(" ".join)


@given(st.lists(WORDS, min_size=2, max_size=6).filter(lambda texts: texts[0] != texts[-1]), st.booleans())
def test_any_texts_give_the_diff_of_the_first_and_the_last(texts: list[str], folded: bool) -> None:
    """Whatever is matched with what in between, nobody is left out and no line is."""
    diff = annotated_diff("s#a", [(text, {}) for text in texts], range(1, len(texts)), folded=folded)
    plain = type_diff(
        lines_of("s#a", texts[0], {}), lines_of("s#a", texts[-1], {}), texts[0], texts[-1], folded=folded
    )
    assert [(line.mark, line.text) for line in diff] == [(line.mark, line.text) for line in plain]
    steps = set(range(1, len(texts)))
    assert all((line.culprit in steps) == (line.mark != " ") for line in diff)


@given(WORDS, WORDS)
def test_a_single_step_made_all_of_it(old: str, new: str) -> None:
    diff = annotated_diff("s#a", [(old, {}), (new, {})], [7])
    assert {line.culprit for line in diff if line.mark != " "} <= {7}
