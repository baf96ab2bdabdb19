"""Diffs of renderings: what is marked, what is folded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.lines import Line
from kabicheck.compare.render import render
from kabicheck.compare.typediff import MAX_MATCHED_LINES, type_diff


def fields(*names: str, start: int = 0) -> list[Line]:
    members = [Line(1, f"long {name};", start + 8 * place, 8) for place, name in enumerate(names)]
    return [Line(0, "struct a {"), *members, Line(0, "};", None, 8 * len(names))]


def marked(old: list[Line], new: list[Line]) -> list[str]:
    return [f"{line.mark}{' '.join(line.text.split())}" for line in type_diff(old, new, "old", "new")]


def test_members_behind_an_added_one_are_moved_not_changed() -> None:
    assert marked(fields("a", "b"), fields("x", "a", "b")) == [
        " struct a {",
        "+long x; /* 0 8 */",
        " long a; /* 0→8 8 */",
        " long b; /* 8→16 8 */",
        "-}; /* size 16 */",
        "+}; /* size 24 */",
    ]


def test_a_move_without_an_edit_is_marked_where_it_begins() -> None:
    assert marked(fields("a", "b"), fields("a", "b", start=4)) == [
        " struct a {",
        "-long a; /* 0 8 */",
        "+long a; /* 4 8 */",
        " long b; /* 8→12 8 */",
        " }; /* size 16 */",
    ]


def test_long_runs_are_folded_and_the_block_around_is_not() -> None:
    names = [f"f{number}" for number in range(40)]
    diff = marked(fields(*names), fields(*names[:20], "x", *names[20:]))
    assert diff[0] == " struct a {"
    assert " /* … 17 lines unchanged */" in diff
    assert " /* … 14 lines move by +8 bytes */" in diff
    assert len(diff) == 15


def test_nothing_is_folded_where_all_is_asked_for() -> None:
    names = [f"f{number}" for number in range(40)]
    diff = type_diff(fields(*names), fields(*names[:20], "x", *names[20:]), "old", "new", folded=False)
    assert len(diff) == 44
    assert not any("…" in line.text for line in diff)


def test_what_c_does_not_tell_apart_is_shown_as_type_strings() -> None:
    old, new = "base_type a byte_size(1) encoding(5)", "base_type a byte_size(1) encoding(7)"
    diff = type_diff(render("s#a", old, {}), render("s#a", new, {}), old, new)
    assert [line.mark for line in diff] == ["-", "+"]
    assert "encoding(7)" in diff[1].text


def test_huge_blocks_are_not_matched() -> None:
    old = fields(*(f"o{n}" for n in range(MAX_MATCHED_LINES + 1)))
    new = fields(*(f"n{n}" for n in range(MAX_MATCHED_LINES + 1)))
    marks = [line.mark for line in type_diff(old, new, "old", "new")]
    assert marks.count("-") == marks.count("+") == MAX_MATCHED_LINES + 1


def test_lines_that_repeat_are_not_matched_without_bound() -> None:
    """As many lines as are matched otherwise, every second of which is the same."""
    old = fields(*(f"o{n}" if n % 2 else "same" for n in range(MAX_MATCHED_LINES)))
    new = fields(*(f"n{n}" if n % 2 else "same" for n in range(MAX_MATCHED_LINES)))
    marks = marked(old, new)
    assert sum(line.startswith("-") for line in marks) == sum(line.startswith("+") for line in marks)
    assert sum(line.startswith("-") for line in marks) > MAX_MATCHED_LINES // 2


TEXTS = st.sampled_from(["a {", "b;", "c;", "};"])
LINES = st.lists(st.builds(Line, st.integers(0, 3), TEXTS, st.none() | st.integers(0, 40)), max_size=40)


@given(LINES, LINES)
def test_both_sides_are_in_the_diff(old: list[Line], new: list[Line]) -> None:
    """Every line that only one side has is marked; no diff of two texts is empty."""
    diff = type_diff(old, new, "old text", "new text")
    assert any(line.mark != " " for line in diff)
    for mark, side, other in (("-", old, new), ("+", new, old)):
        texts = [
            line.code for line in side if (line.depth, line.text) not in {(o.depth, o.text) for o in other}
        ]
        shown = [line.text for line in diff if line.mark == mark]
        for text in texts:
            assert any(line.startswith(text) for line in shown)
