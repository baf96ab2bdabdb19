"""Type strings taken apart at their references.

Objects of one kernel share most of their type strings, so what a string's parts are is remembered for all objects
that one process reads: it depends on the string alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from kabicheck.symver.grammar import MARK

# Characters of the strings that are remembered, at most. The parts take about four times as much memory; all types
# of a distribution's kernel together have some 30 million characters.
REMEMBERED = 1 << 24


@dataclass(slots=True)
class Parts:
    """A type string taken apart.

    text: the string, with marks.
    whole: the same in bytes, without marks.
    mentions: each reference once, in the order of their first mention → where in `whole` that begins and ends.
    """

    text: str
    whole: bytes
    mentions: dict[bytes, tuple[int, int]]


class _References(dict[str, bytes]):
    """A reference in bytes. Equal ones are one object: comparing them is quick then."""

    def __missing__(self, reference: str) -> bytes:
        encoded = self[reference] = reference.encode("latin-1")
        return encoded


class _Remembered(dict[str, Parts]):
    """Type string with marks → its parts."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0

    def __missing__(self, text: str) -> Parts:
        self._size += len(text)
        if self._size > REMEMBERED:
            self.clear()
            references.clear()
            self._size = len(text)
        pieces = text.split(MARK)
        mentions: dict[bytes, tuple[int, int]] = {}
        at = 0
        for number, piece in enumerate(pieces):
            if number % 2 and (reference := references[piece]) not in mentions:
                mentions[reference] = at, at + len(piece)
            at += len(piece)
        parts = self[text] = Parts(text, "".join(pieces).encode("latin-1"), mentions)
        return parts


references = _References()
_remembered = _Remembered()


def split(text: str) -> Parts:
    """The parts of a type string with references between marks (grammar.MARK)."""
    return _remembered[text]
