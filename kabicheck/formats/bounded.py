"""Reading a file of lines whole, and no more of it than such a file can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from kabicheck.errors import ObjectError
from kabicheck.packed import unpacker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.packed import Unpack

PIECE = 1 << 20  # bytes: one read takes as much memory as it asks for, however little there is
# What a packed file may unpack to: symtypes, which say the same again and again, are packed to a thirtieth.
MAX_COMPRESSION = 128
SMALL = 64 << 20


def read_text(path: Path, limit: int, kind: str) -> str:
    """The content, a character per byte (Latin-1): the names in these files are bytes to the tools that write them.

    Otherwise as `read_bytes`.
    """
    return read_bytes(path, limit, kind).decode("latin-1")


def read_bytes(path: Path, limit: int, kind: str) -> bytes:
    """The content, unpacked where it is packed. limit: bytes; kind: what a larger file cannot be ("a Module.symvers").

    Raises ObjectError.
    """
    data = read_head(path, limit + 1)
    if len(data) > limit:
        raise ObjectError(path, f"larger than {limit} bytes: not {kind}")
    return data


def read_head(path: Path, size: int) -> bytes:
    """What a file begins with, unpacked where it is packed. size: bytes. Raises ObjectError."""
    try:
        with path.open("rb") as file:
            unpack = unpacker(file.read(4))
            file.seek(0)
            return b"".join(_pieces(file, size)) if unpack is None else _unpacked(path, file, unpack, size)
    except OSError as error:
        raise ObjectError(path, f"cannot be read: {error.strerror}") from error


def _unpacked(path: Path, file: BinaryIO, unpack: Unpack, size: int) -> bytes:
    data = bytearray()
    packed = path.stat().st_size
    most = max(SMALL, packed * MAX_COMPRESSION)
    try:
        for piece in unpack(file):
            data += piece
            if len(data) >= size:
                break
            if len(data) > most:
                raise ObjectError(path, f"unpacks from {packed} to more than {most} bytes")
    except EOFError:
        raise ObjectError(path, "the packed file is cut short", offset=packed) from None
    except OSError as error:
        raise ObjectError(path, f"cannot be unpacked ({error.strerror})") from None
    return bytes(data[:size])


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The first bytes of a file. size: how many at most."""
    while size and (piece := file.read(min(size, PIECE))):
        size -= len(piece)
        yield piece
