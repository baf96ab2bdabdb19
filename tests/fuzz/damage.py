"""Kinds of damage. All are drawn from a `random.Random`, or numbered, so that an input can be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from random import Random

WILD = (0, 1, 0x0A, 0x20, 0x2F, 0x7F, 0x80, 0xFF)


def flips(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Every bit in some stretches of a file: (offset, mask)."""
    for start, stop in spans:
        for at in range(start, stop):
            for bit in range(8):
                yield at, 1 << bit


def flipped(content: bytes, at: int, mask: int) -> bytes:
    """A copy with one byte changed."""
    return content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :]


def damaged(content: bytes, rng: Random, spans: Sequence[tuple[int, int]]) -> bytes:
    """One to four bytes or words changed within some stretches, or the file cut short, but not between two lines."""
    if rng.random() < 0.1:
        return cut(content, rng)
    copy = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        start, stop = rng.choice(spans)
        at = rng.randrange(start, stop)
        match rng.randrange(4):
            case 0:
                copy[at] ^= 1 << rng.randrange(8)
            case 1:
                copy[at] = rng.choice(WILD)
            case 2:
                copy[at] = rng.randrange(256)
            case _:
                size = rng.choice((2, 4, 8))
                value = rng.choice((0, 1, 0xFF, 0xFFFF, rng.getrandbits(64))) & ((1 << 8 * size) - 1)
                copy[at : at + size] = value.to_bytes(size, "little")[: len(copy) - at]
    return bytes(copy)


def cut(content: bytes, rng: Random) -> bytes:
    """The file ends early, within a line."""
    at = rng.randrange(1, max(len(content), 2))
    while at > 1 and content[at - 1 : at] == b"\n":
        at -= 1
    return content[:at]
