"""Diffs of declarations with who changed each line: a blame over renderings instead of source lines.

A line of the head's declaration was brought by the last commit before which the declaration had no such line; one of
the base's was taken by the last commit before which it was still there. What came and went in between is not shown, so
nobody is asked about it, and what merely moved is no edit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.causes import lines_of
from kabicheck.compare.typediff import diff_of, match, told_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kabicheck.compare.lines import Line
    from kabicheck.compare.typediff import Row
    from kabicheck.model import DiffLine

    # A declaration's type string, and those of the types around it, at one commit.
    State = tuple[str, Mapping[str, str]]


def annotated_diff(
    name: str, states: Sequence[State], culprits: Sequence[int | None], *, folded: bool = True
) -> tuple[DiffLine, ...]:
    """The diff from the first state to the last, as `type_diff` makes it, each marked line with its culprit.

    name: the type reference or export; states: in the order of history, at least two; culprits: one for each state but
    the first, who made it out of the one before (a number in Cause.culprits, None where that is not known).
    """
    renderings = [lines_of(name, text, types) for text, types in states]
    versions, rows = told_apart(renderings, [text for text, _ in states])
    return diff_of(_with_culprits(rows, _blame(versions, culprits)), folded=folded)


def suspected_diff(
    name: str, old: State, new: State, suspect: Callable[[str, str], int | None], *, folded: bool = True
) -> tuple[DiffLine, ...]:
    """The diff of two states where nothing is known in between: each marked line's culprit is whom `suspect` names.

    suspect: is given the line's mark and the name of the member, parameter or enumerator, as in Line.name: "-" with a
    name of the old side, "+" with one of the new side.
    """
    renderings = [lines_of(name, text, types) for text, types in (old, new)]
    _, rows = told_apart(renderings, [old[0], new[0]])
    return diff_of(_with_culprits(rows, lambda row: suspect(row.mark, row.line.name)), folded=folded)


def _with_culprits(rows: Iterable[Row], who: Callable[[Row], int | None]) -> list[Row]:
    return [row if row.mark == " " else replace(row, culprit=who(row)) for row in rows]


def _blame(versions: Sequence[Sequence[Line]], culprits: Sequence[int | None]) -> Callable[[Row], int | None]:
    """Who is to blame for a row of the first and the last version."""
    base, head = versions[0], versions[-1]
    # The state before each step, the last one first: which lines of head it had, and which of base it still had.
    steps = [
        (
            {row.new for row in match(state, head) if row.mark == " "},
            {row.old for row in match(base, state) if row.mark == " "},
            culprit,
        )
        for state, culprit in zip(versions[-2::-1], reversed(culprits), strict=True)
    ]

    def culprit_of(row: Row) -> int | None:
        for present, kept, culprit in steps:
            if row.old in kept if row.mark == "-" else row.new not in present:
                return culprit
        return None

    return culprit_of
