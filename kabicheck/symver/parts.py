"""Type strings taken apart at their references.

Objects of one kernel share most of their type strings, so what a string's parts are is remembered for all objects
that one process reads: it depends on the string alone.
"""

from __future__ import annotations

from typing import NamedTuple

from kabicheck.symver.grammar import MARK

_MARK = MARK.encode()

# Characters of the strings that are remembered, at most. The parts take about four times as much memory; all types
# of a distribution's kernel together have some 30 million characters.
REMEMBERED = 1 << 24


class Parts(NamedTuple):
    """A type string in bytes.

    pairs: text, and the reference that follows it; tail: the text behind the last reference; references: each once,
    in the order of their first mention; whole: all of it, without marks.
    """

    pairs: list[tuple[bytes, bytes]]
    tail: bytes
    references: tuple[bytes, ...]
    whole: bytes


class _Remembered(dict[str, Parts]):
    """Type string with marks → its parts. Equal references are one bytes object: comparing them is quick then."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0
        self._references: dict[bytes, bytes] = {}

    def __missing__(self, text: str) -> Parts:
        self._size += len(text)
        if self._size > REMEMBERED:
            self.clear()
            self._references.clear()
            self._size = len(text)
        raw = text.encode("latin-1")
        pieces = raw.split(_MARK)
        known = self._references
        references = [known.setdefault(piece, piece) for piece in pieces[1::2]]
        pairs = list(zip(pieces[0::2], references, strict=False))
        parts = self[text] = Parts(pairs, pieces[-1], tuple(dict.fromkeys(references)), b"".join(pieces))
        return parts


_remembered = _Remembered()


def split(text: str) -> Parts:
    """The parts of a type string with references between marks (grammar.MARK)."""
    return _remembered[text]
