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

    whole: all of it, without marks; references: each once, in the order of their first mention; mentions: the same
    with where in `whole` that first mention begins and ends.
    """

    whole: bytes
    references: tuple[bytes, ...]
    mentions: list[tuple[bytes, int, int]]


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
        pieces = text.encode("latin-1").split(_MARK)
        known = self._references
        first: dict[bytes, tuple[bytes, int, int]] = {}
        at = 0
        for number, piece in enumerate(pieces):
            if number % 2 and piece not in first:
                reference = known.setdefault(piece, piece)
                first[reference] = reference, at, at + len(piece)
            at += len(piece)
        parts = self[text] = Parts(b"".join(pieces), tuple(first), list(first.values()))
        return parts


_remembered = _Remembered()


def split(text: str) -> Parts:
    """The parts of a type string with references between marks (grammar.MARK)."""
    return _remembered[text]
