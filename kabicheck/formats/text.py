"""Reading a file of lines whole, and no more of it than such a file can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path, limit: int, kind: str) -> str:
    """The content, a character per byte (Latin-1): the names in these files are bytes to the tools that write them.

    Otherwise as `read_bytes`.
    """
    return read_bytes(path, limit, kind).decode("latin-1")


def read_bytes(path: Path, limit: int, kind: str) -> bytes:
    """The content. limit: bytes; kind: what a larger file cannot be ("a Module.symvers"). Raises ObjectError."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise ObjectError(path, f"cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise ObjectError(path, f"larger than {limit} bytes: not {kind}")
    return data
