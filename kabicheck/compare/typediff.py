"""Two renderings of one declaration as a diff that a reader can take in.

Lines are matched by their text, not by their offsets: a member added at the front moves all others, which is
one fact and not a hundred. A moved line is shown once with both offsets (`16→24`), and long runs of lines
that are the same, or moved by the same distance, are folded into one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import TYPE_CHECKING

from kabicheck.compare.edits import common_start
from kabicheck.compare.lines import Columns, Line
from kabicheck.compare.render import raw_lines
from kabicheck.model import DiffLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CONTEXT = 3
# A declaration of up to this many lines is shown whole.
SMALL = 20
# Matching takes as long as there are lines, times the pairs of lines that are the same: beyond this a block is shown as
# taken out and put in. Real types repeat little but the braces of their unnamed members.
MAX_MATCHED_LINES = 3000
MAX_PAIRS = 50_000


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a diff before it is formatted.

    mark: "-", "+" or " ", as in DiffLine.
    line: the line of the new rendering, or of the old one where only that has it.
    old: which line of the old rendering it is, counted from 0; None where that does not have it.
    new: the same of the new rendering.
    moved: by how many bytes a line moved that is otherwise the same.
    culprit: who is to blame for it, as in DiffLine.
    """

    mark: str
    line: Line
    old: int | None
    new: int | None
    moved: int = 0
    culprit: int | None = None

    @property
    def place(self) -> str:
        old_offset = f"{(self.line.offset or 0) - self.moved}→" if self.moved else ""
        return old_offset + self.line.place


def type_diff(
    old: Sequence[Line], new: Sequence[Line], old_text: str, new_text: str, *, folded: bool = True
) -> tuple[DiffLine, ...]:
    """The diff of two renderings, or of the type strings where C's words do not tell them apart."""
    _, rows = told_apart([old, new], [old_text, new_text])
    return diff_of(rows, folded=folded)


def told_apart(
    renderings: Sequence[Sequence[Line]], texts: Sequence[str]
) -> tuple[Sequence[Sequence[Line]], list[Row]]:
    """Versions of a declaration in words that tell the last from the first, and the rows of these two.

    texts: the type strings of the renderings, whose own words are taken where C's are not enough.
    """
    for versions in _spellings(renderings, texts):
        rows = match(versions[0], versions[-1])
        if any(row.mark != " " for row in rows):
            break
    return versions, rows


def _spellings(
    renderings: Sequence[Sequence[Line]], texts: Sequence[str]
) -> Iterator[Sequence[Sequence[Line]]]:
    yield renderings
    yield [raw_lines(text) for text in texts]
    yield [[Line(0, text)] for text in texts]


def match(old: Sequence[Line], new: Sequence[Line]) -> list[Row]:
    """All lines of both renderings, those that are the same once."""
    rows: list[Row] = []
    # The distance by which the line before was moved; None after an edit, from which any distance follows.
    moved: int | None = 0
    for tag, old_start, old_end, new_start, new_end in _opcodes(old, new):
        if tag != "equal":
            rows += [Row("-", old[old_index], old_index, None) for old_index in range(old_start, old_end)]
            rows += [Row("+", new[new_index], None, new_index) for new_index in range(new_start, new_end)]
            moved = None
            continue
        for old_index, new_index in zip(range(old_start, old_end), range(new_start, new_end), strict=True):
            old_line, new_line = old[old_index], new[new_index]
            distance = (new_line.offset or 0) - (old_line.offset or 0)
            expected = moved is None or distance in {0, moved}
            if not expected or (old_line.size, old_line.bit) != (new_line.size, new_line.bit):
                rows += [Row("-", old_line, old_index, None), Row("+", new_line, None, new_index)]
                moved = None
                continue
            rows.append(Row(" ", new_line, old_index, new_index, distance))
            if new_line.offset is not None:
                moved = distance
    return rows


def _opcodes(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[str, int, int, int, int]]:
    """As SequenceMatcher.get_opcodes(), without matching what is common at the start and the end."""
    old_words = [(line.depth, line.text) for line in old]
    new_words = [(line.depth, line.text) for line in new]
    head = common_start(old_words, new_words)
    tail = common_start(old_words[head:][::-1], new_words[head:][::-1])
    old_end, new_end = len(old_words) - tail, len(new_words) - tail
    yield "equal", 0, head, 0, head
    old_inside, new_inside = old_words[head:old_end], new_words[head:new_end]
    times = Counter(new_inside)
    if (
        max(len(old_inside), len(new_inside)) > MAX_MATCHED_LINES
        or sum(times[words] for words in old_inside) > MAX_PAIRS
    ):
        yield "replace", head, old_end, head, new_end
    else:
        matcher = SequenceMatcher(None, old_inside, new_inside, autojunk=False)
        for tag, old_start, old_stop, new_start, new_stop in matcher.get_opcodes():
            yield tag, head + old_start, head + old_stop, head + new_start, head + new_stop
    yield "equal", old_end, len(old_words), new_end, len(new_words)


def diff_of(rows: Sequence[Row], *, folded: bool = True) -> tuple[DiffLine, ...]:
    """The lines of a diff, their offsets and sizes in one column; folded: without long runs of unmarked lines."""
    columns = Columns([row.line for row in rows], [row.place for row in rows])
    shown = _shown(rows) if folded and len(rows) > SMALL else [True] * len(rows)
    return tuple(_folded(rows, shown, columns))


def _folded(rows: Sequence[Row], shown: Sequence[bool], columns: Columns) -> Iterator[DiffLine]:
    def kind(index: int) -> tuple[bool, int]:
        return shown[index], 0 if shown[index] else rows[index].moved

    for (visible, moved), group in groupby(range(len(rows)), kind):
        indices = list(group)
        if visible or len(indices) < CONTEXT:
            for row in (rows[index] for index in indices):
                yield DiffLine(row.mark, columns.format(row.line, row.place), row.culprit)
        else:
            first = rows[indices[0]].line
            how = f"move by {moved:+d} bytes" if moved else "unchanged"
            yield DiffLine(" ", Line(first.depth, f"/* … {len(indices)} lines {how} */").code)


def _shown(rows: Sequence[Row]) -> list[bool]:
    """Which rows are not folded: marked ones, their neighbours, and the blocks that they stand in."""
    shown = [False] * len(rows)
    opener: dict[int, int] = {}
    for index, row in enumerate(rows):
        opener[row.line.depth] = index
        if row.mark != " ":
            for near in range(max(index - CONTEXT, 0), min(index + CONTEXT + 1, len(rows))):
                shown[near] = True
            for depth in range(row.line.depth):
                if depth in opener:
                    shown[opener[depth]] = True
    _show_closing_lines(rows, shown)
    return shown


def _show_closing_lines(rows: Sequence[Row], shown: list[bool]) -> None:
    """Where a block's opening line is shown, its closing line is too: the next line of that depth."""
    closing: dict[int, int] = {}
    for index in range(len(rows) - 1, -1, -1):
        depth = rows[index].line.depth
        if shown[index] and rows[index].line.text.endswith("{") and depth in closing:
            shown[closing[depth]] = True
        closing[depth] = index
