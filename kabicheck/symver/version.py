"""Symbol versions: the CRC-32 of type strings with every reference written out once (types.c).

Exports of one object share most of what they reach, so nothing is written out twice: a state is the sequence of
references that a symbol has written out so far at its outermost level, and what a further reference adds in that
state is calculated once and kept in a trie. Texts are never joined to be summed again: the CRC of a
concatenation follows from the CRCs of its parts and the length of the second (zlib's crc32_combine).
"""

from __future__ import annotations

from itertools import filterfalse
from typing import TYPE_CHECKING
from zlib import crc32

from kabicheck.errors import ObjectError
from kabicheck.symver.parts import split

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.symver.parts import Parts
    from kabicheck.symver.types import TypeStrings

POLYNOMIAL = 0xEDB88320  # reflected, as in zlib
ONE = 1 << 31  # the polynomial 1 in that representation


def multiply(a: int, b: int) -> int:
    """The product of two polynomials modulo CRC-32's (zlib: multmodp)."""
    product = 0
    bit = ONE
    while a:
        if a & bit:
            product ^= b
            a ^= bit
        bit >>= 1
        b = (b >> 1) ^ POLYNOMIAL if b & 1 else b >> 1
    return product


def _powers() -> list[int]:
    """x to the power of 8 * 2**n, for each n."""
    power = 1 << 23  # x**8
    table = []
    for _ in range(64):
        table.append(power)
        power = multiply(power, power)
    return table


_POWERS = _powers()


def shift(length: int) -> int:
    """The operator that moves a CRC past so many bytes (zlib: x2nmodp)."""
    operator, n = ONE, 0
    while length:
        if length & 1:
            operator = multiply(_POWERS[n], operator)
        length >>= 1
        n += 1
    return operator


# Summing so many bytes again is quicker than moving a CRC past them.
SHORT = 1 << 13


class _Node:
    """A state: the references written out so far. `known` is shared by no other node."""

    __slots__ = ("following", "known")

    def __init__(self, known: set[bytes]) -> None:
        self.known = known
        self.following: dict[bytes, _Edge] = {}


class _Edge:
    """What a reference adds in a state, and the state after it."""

    __slots__ = ("_added", "_operator", "_passed", "_text", "node")

    def __init__(self, text: bytes, node: _Node) -> None:
        self.node = node
        self._text = text
        self._passed = False
        self._added = self._operator = 0

    def pass_on(self, crc: int) -> int:
        """The CRC behind the text, from the one before it. A long text is summed at most twice, and then let go."""
        if self._operator:
            return multiply(self._operator, crc) ^ self._added
        if len(self._text) > SHORT and self._passed:
            self._added, self._operator, self._text = crc32(self._text), shift(len(self._text)), b""
            return self.pass_on(crc)
        self._passed = True
        return crc32(self._text, crc)


class Versions:
    """The symbol versions of one object."""

    def __init__(self, strings: TypeStrings, path: str) -> None:
        self._strings = strings
        self._path = path
        self._found: dict[str, tuple[int, _Node]] = {}
        self._root = _Node(set())

    def crc(self, export: str) -> int:
        """The version of an export (calculate_version). Raises ObjectError for a reference to nothing."""
        return self._version(export)[0]

    def reached(self, export: str) -> set[bytes]:
        """The references that an export's version depends on."""
        return self._version(export)[1].known

    def text(self, export: str) -> str:
        """The whole string that the version is calculated from, for --dump-versions."""
        out: list[bytes] = []
        known: set[bytes] = set()
        parts, at = split(self._strings.symbols[export]), 0
        for reference, (start, stop) in parts.mentions.items():
            if reference not in known:
                out.append(parts.whole[at:start])
                self._write(reference, known, out)
                at = stop
        out.append(parts.whole[at:])
        return b"".join(out).decode("latin-1")

    def _version(self, export: str) -> tuple[int, _Node]:
        if export in self._found:
            return self._found[export]
        parts, at = split(self._strings.symbols[export]), 0
        crc, node = 0, self._root
        for reference, (start, stop) in parts.mentions.items():
            if reference in node.known:
                continue
            edge = node.following.get(reference)
            if edge is None:
                edge = node.following[reference] = self._follow(node, reference)
            crc, node = edge.pass_on(crc32(parts.whole[at:start], crc)), edge.node
            at = stop
        result = self._found[export] = crc32(parts.whole[at:], crc), node
        return result

    def _follow(self, node: _Node, reference: bytes) -> _Edge:
        out: list[bytes] = []
        known = set(node.known)
        self._write(reference, known, out)
        return _Edge(b"".join(out), _Node(known))

    def _write(self, reference: bytes, known: set[bytes], out: list[bytes]) -> None:
        """Write a reference out depth first (__calculate_version); the stack is explicit: nesting is the input's."""
        try:
            self._descend(reference, known, out)
        except KeyError as error:
            name = error.args[0].decode("latin-1")
            raise ObjectError(self._path, f"unknown type reference to '{name}'") from None

    def _descend(self, reference: bytes, known: set[bytes], out: list[bytes]) -> None:
        load, add, is_known, all_known = self._strings.parts, out.append, known.__contains__, known.issuperset
        known.add(reference)
        parts, at = load[reference], 0
        unknown: Iterator[bytes] = filterfalse(is_known, parts.mentions)
        stack: list[tuple[Iterator[bytes], Parts, int]] = []
        while True:
            for mention in unknown:  # when it is its turn
                known.add(mention)
                start, stop = parts.mentions[mention]
                add(parts.whole[at:start])
                inner = load[mention]
                if all_known(inner.mentions):
                    add(inner.whole)
                    at = stop
                    continue
                stack.append((unknown, parts, stop))
                unknown, parts, at = filterfalse(is_known, inner.mentions), inner, 0
                break
            else:
                add(parts.whole[at:])
                if not stack:
                    return
                unknown, parts, at = stack.pop()
