"""Packed files: gzip, xz and zstd, told by how they begin and not by their names, unpacked piece by piece.

Several streams, one behind the other, are one file, as the tools have it. A file that is cut short is an error, also
where what there is can be unpacked: what is missing would be missed by nobody.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Unpack = Callable[[BinaryIO], Iterator[bytes]]

SUFFIXES = (".gz", ".xz", ".zst")
CHUNK = 1 << 20
MAX_MEMORY = 256 << 20  # of an unpacker; xz of a module needs 2 MiB (scripts/Makefile.modinst)
# One block of zstd has 4 bytes or more, and 128 KiB of content or less (RFC 8878, section 3.1.1.2).
_ZSTD_CHUNK = 4 << 10


def unpacker(head: bytes) -> Unpack | None:
    """What unpacks a file that begins so, None for one that is not packed. It raises EOFError for a file that is cut
    short, OSError for one that makes no sense.

    `head` has four bytes or more.
    """
    return next((unpack for magic, unpack in _UNPACKERS.items() if head.startswith(magic)), None)


def plain_name(name: str) -> str:
    """A file's name without the suffix of a packer."""
    return name.removesuffix(Path(name).suffix) if name.endswith(SUFFIXES) else name


def _gzip(file: BinaryIO) -> Iterator[bytes]:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=file) as stream:
            while piece := stream.read(CHUNK):
                yield piece
    except gzip.BadGzipFile as error:
        raise OSError(0, str(error)) from None
    except zlib.error as error:
        raise OSError(0, str(error)) from None


def _xz(file: BinaryIO) -> Iterator[bytes]:
    import lzma

    packed = file.read(CHUNK)
    while packed:
        stream = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_MEMORY)
        while not stream.eof:
            if stream.needs_input and not packed:
                packed = file.read(CHUNK)
                if not packed:
                    raise EOFError
            try:
                yield stream.decompress(packed, CHUNK)
            except lzma.LZMAError as error:
                raise OSError(0, str(error)) from None
            packed = b""
        packed = stream.unused_data or file.read(CHUNK)
        while packed and not packed.strip(b"\0"):  # padding (The .xz File Format, section 2.2)
            packed = file.read(CHUNK)
        packed = packed.lstrip(b"\0")


def _zstd(file: BinaryIO) -> Iterator[bytes]:
    import zstandard

    unpack = zstandard.ZstdDecompressor(max_window_size=MAX_MEMORY >> 1)
    packed = file.read(_ZSTD_CHUNK)
    while packed:
        frame = unpack.decompressobj()
        while not frame.eof:
            try:
                yield frame.decompress(packed)
            except zstandard.ZstdError as error:
                raise OSError(0, str(error)) from None
            packed = frame.unused_data if frame.eof else file.read(_ZSTD_CHUNK)
            if not packed and not frame.eof:
                raise EOFError
        packed = packed or file.read(_ZSTD_CHUNK)


# How a file begins → how it is unpacked
_UNPACKERS: dict[bytes, Unpack] = {
    b"\x1f\x8b": _gzip,
    b"\xfd7zX": _xz,
    b"\x28\xb5\x2f\xfd": _zstd,
}
