"""Lines of declarations: code, and behind it the offset and the size of what stands there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INDENT = " " * 8
_COMMENT_COLUMN = 56
_DEEPEST_INDENT = 12


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a declaration.

    depth: how far it is indented, in steps.
    text: its words, without indentation and comment.
    offset: in bytes, from the start of the outermost structure; None for lines that have no place.
    size: in bytes; None where no type string says it.
    bit: of a bit-field, where it begins in the byte at `offset`.
    name: of the member, parameter or enumerator that it declares, with those of the members around it (`u.a` for `a`
        of `union { … } u`); "" for the declaration itself, and where that is not known.
    """

    depth: int
    text: str
    offset: int | None = None
    size: int | None = None
    bit: int = 0
    name: str = ""

    @property
    def code(self) -> str:
        return INDENT * min(self.depth, _DEEPEST_INDENT) + self.text

    @property
    def place(self) -> str:
        """`16`, or `16:3` for the fourth bit of a storage unit."""
        if self.offset is None:
            return ""
        return f"{self.offset}:{self.bit}" if self.bit else str(self.offset)


def format_lines(lines: Sequence[Line]) -> list[str]:
    """Lines with their offsets and sizes as comments in one column."""
    columns = Columns(lines, [line.place for line in lines])
    return [columns.format(line, line.place) for line in lines]


class Columns:
    """The widths that a group of lines shares. places: what stands for each line's offset."""

    def __init__(self, lines: Sequence[Line], places: Sequence[str]) -> None:
        placed = [line for line in lines if line.offset is not None]
        sized = [line for line in lines if line.offset is not None or line.size is not None]
        self.code = min(max((len(line.code) for line in sized), default=0), _COMMENT_COLUMN)
        self.place = max(map(len, places), default=0)
        self.size = max((len(str(line.size)) for line in placed if line.size is not None), default=0)

    def format(self, line: Line, place: str) -> str:
        """One line, its offset written as `place`."""
        comment = self._comment(line, place)
        return f"{line.code:<{self.code}} {comment}" if comment else line.code

    def _comment(self, line: Line, place: str) -> str:
        if line.offset is None:
            return "" if line.size is None else f"/* size {line.size} */"
        size = "" if line.size is None else line.size
        return f"/* {place:>{self.place}} {size:>{self.size}} */"
