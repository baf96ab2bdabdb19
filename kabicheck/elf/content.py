"""A file's bytes: of small files all at once, of larger ones what is asked for; packed ones are unpacked.

Modules are installed packed (CONFIG_MODULE_COMPRESS: `.ko.gz`, `.ko.xz`, `.ko.zst`). What a file is says its
beginning, not its name.
"""

from __future__ import annotations

import os
import stat
import weakref
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, cast

from kabicheck.errors import ObjectError
from kabicheck.packed import unpacker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# A file of more bytes is never held whole. Nearly all objects of a build are smaller.
WHOLE = 4 << 20
# What a packed file may unpack to: modules are packed to a third or a tenth, and a hostile file claims anything.
MAX_UNPACKED = 4 << 30
MAX_COMPRESSION = 64


class Pieces:
    """A large file as a read-only sequence of bytes: slices are read when they are taken.

    Not mmap, where a file that somebody cuts short kills the reader (SIGBUS); here a slice is shorter than asked for.
    """

    def __init__(self, path: Path | str, file: BinaryIO) -> None:
        self._path = path
        self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self._size = os.fstat(self._file).st_size

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, wanted: slice) -> bytes:
        start, stop, _ = wanted.indices(self._size)
        parts: list[bytes] = []
        while start < stop:
            try:
                part = os.pread(self._file, stop - start, start)
            except OSError as error:
                raise ObjectError(self._path, f"cannot be read ({error.strerror})", offset=start) from None
            if not part:
                break
            parts.append(part)
            start += len(part)  # Linux reads 2 GiB at most
        return parts[0] if len(parts) == 1 else b"".join(parts)


Content = bytes | Pieces


def read_content(path: Path | str) -> Content:
    """What is in a file, unpacked where it is packed. Raises ObjectError."""
    try:
        with open(path, "rb", opener=_at_once) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ObjectError(path, "not a regular file")
            return _content(path, file)
    except OSError as error:
        raise ObjectError(path, f"cannot be read ({error.strerror})") from None


def _at_once(path: str, flags: int) -> int:
    """Opening a pipe would wait for somebody to write."""
    return os.open(path, flags | os.O_NONBLOCK)


def _content(path: Path | str, file: BinaryIO) -> Content:
    unpack = unpacker(file.read(4))
    file.seek(0)
    if unpack is not None:
        return _unpacked(path, file, unpack)
    return Pieces(path, file) if os.fstat(file.fileno()).st_size > WHOLE else file.read()


def _unpacked(path: Path | str, file: BinaryIO, unpack: Callable[[BinaryIO], Iterator[bytes]]) -> Content:
    """All of a packed file; what is larger than WHOLE is put into a file without a name."""
    packed = os.fstat(file.fileno()).st_size
    limit = min(MAX_UNPACKED, max(WHOLE, packed * MAX_COMPRESSION))
    size = 0
    with SpooledTemporaryFile(WHOLE) as unpacked:
        try:
            for piece in unpack(file):
                size += len(piece)
                if size > limit:
                    raise ObjectError(path, f"unpacks from {packed} to more than {limit} bytes")
                unpacked.write(piece)
        except EOFError:
            raise ObjectError(path, "the packed file is cut short", offset=packed) from None
        except OSError as error:
            raise ObjectError(path, f"cannot be unpacked ({error.strerror})") from None
        unpacked.flush()
        unpacked.seek(0)
        return unpacked.read() if size <= WHOLE else Pieces(path, cast("BinaryIO", unpacked))
