"""Where a declaration begins and ends in C or Rust, as far as looking for suspects needs it.

Debugging information has one line for a declaration. Its others are found by a scan that knows comments, strings,
preprocessor lines and braces, and no more: what a macro makes of them stays unknown.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A preprocessor line goes on behind backslashes and in comments. A comment that never ends takes the rest. Of character
# constants only the short ones matter ('"', '\'', '{'), and a Rust lifetime ('a) is none.
_TOKEN = re.compile(
    r"""^[ \t]*\#[ \t]*(?P<directive>\w*)(?:/\*.*?(?:\*/|\Z)|\\.|[^\\\n])*+
      | //[^\n]* | /\*.*?(?:\*/|\Z)
      | (?P<text>"(?:\\.|[^"\\\n])*+(?:"|(?=\n)|\\?\Z)|'(?:\\.[^'\n]{0,8}|[^'\\\n])')
      | (?P<word>\w+)
      | (?P<mark>[{}();=])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
# Behind a closing brace these begin something else; C wants a semicolon there, Rust does not.
_BEGINNING = re.compile(
    "const|enum|extern|fn|impl|inline|mod|pub|static|struct|trait|type|typedef|union|unsafe|use"
)
# A declaration with more lines is cut: braces that do not match would make one of half a file.
MOST_LINES = 3000


@dataclass(slots=True)
class Extent:
    """The lines of one declaration on the outside of a file, numbered from 1.

    first: Its first line.
    last: The line on which a function's body begins, else the same as `end`.
    end: Its last line, with a function's body.
    words: Word or mark → the lines that it stands on, but for those of a function's body.
    """

    first: int
    last: int = 0
    end: int = 0
    words: dict[str, list[int]] = field(default_factory=dict)

    @property
    def lines(self) -> range:
        """The lines of the declaration, without a function's body."""
        return range(self.first, min(self.last, self.first + MOST_LINES - 1) + 1)


def extent(text: str, line: int) -> Extent | None:
    """The declaration that holds a line of a file, None where there is none."""
    return next((found for found in extents(text) if found.first <= line <= found.end), None)


def extents(text: str) -> Iterator[Extent]:
    """The declarations on the outside of a file, in order."""
    breaks = [match.start() for match in re.finditer("\n", text)]
    scan = _Scan()
    for match in _TOKEN.finditer(text):
        if match["directive"] is not None:
            scan.directive(match["directive"])
        elif match.lastgroup:
            yield from scan.piece(match[0], bisect_left(breaks, match.start()) + 1)
    yield from scan.close()


class _Scan:
    """Reads the declarations of a file, piece by piece."""

    def __init__(self) -> None:
        self._open: Extent | None = None  # the declaration that is being read
        self._depth = 0  # braces that are open
        self._previous = ""  # the piece in front of this one
        self._branches: list[int] = []  # of each open #if: the braces that were open there

    def directive(self, name: str) -> None:
        """Take in a preprocessor line: both branches of an #if begin with the same braces open."""
        if name.startswith("if"):
            self._branches.append(self._depth)
        elif name.startswith("el") and self._branches:
            self._depth = self._branches[-1]
        elif name == "endif" and self._branches:
            self._branches.pop()

    def piece(self, piece: str, line: int) -> Iterator[Extent]:
        """The declarations that a word, a mark or a string ends. line: Where it stands."""
        outside = self._depth == 0
        if outside and self._previous == "}" and _BEGINNING.fullmatch(piece):
            yield from self.close()
        if self._open is None:
            if piece in "};":  # of extern "C", or of nothing
                return
            self._open = Extent(line)
        self._open.end = line
        if not self._open.last:
            self._open.words.setdefault(piece, []).append(line)
        previous, self._previous = self._previous, piece
        if piece == "{":
            if outside and previous == '"C"':
                self._open = None
                return
            if outside and (previous == ")" or "fn" in self._open.words):
                self._open.last = line
            self._depth += 1
        elif piece == "}":
            self._depth = max(self._depth - 1, 0)
            if self._depth == 0 and self._open.last:
                yield from self.close()
        elif piece == ";" and outside:
            yield from self.close()

    def close(self) -> Iterator[Extent]:
        """What was read so far, as a whole declaration."""
        found, self._open = self._open, None
        if found:
            found.last = found.last or found.end
            yield found
