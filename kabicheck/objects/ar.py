"""The member names of an ar archive, thin ones above all: kbuild's `built-in.a` (ar(5), GNU variant)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER = 60  # bytes: name[16] date[12] uid[6] gid[6] mode[8] size[10] end[2]
TABLES = {"/", "//", "/SYM64/"}  # symbols and long names: stored in thin archives as well


def member_names(path: Path) -> tuple[str, ...]:
    """Names as the archive has them: in a thin archive paths relative to its folder. Raises ObjectError."""
    data = path.read_bytes()
    thin = data.startswith(b"!<thin>\n")
    if not thin and not data.startswith(b"!<arch>\n"):
        raise ObjectError(path, "not an ar archive", offset=0)
    return tuple(_members(path, data, thin))


def _members(path: Path, data: bytes, thin: bool) -> Iterator[str]:
    long_names = b""
    offset = 8
    while offset < len(data):
        header = data[offset : offset + HEADER]
        if len(header) < HEADER or header[58:] != b"`\n" or not header[48:58].strip().isdigit():
            raise ObjectError(path, "a damaged archive header", offset=offset)
        name = header[:16].decode(errors="surrogateescape").rstrip()
        size = int(header[48:58])
        offset += HEADER
        if name in TABLES or not thin:
            if offset + size > len(data):
                raise ObjectError(path, "a truncated archive", offset=offset)
            if name == "//":
                long_names = data[offset : offset + size]
            offset += size + size % 2
        if name not in TABLES:
            yield _long_name(path, name, long_names) if name[0] == "/" else name.removesuffix("/")


def _long_name(path: Path, name: str, table: bytes) -> str:
    """The name of "/123": where in the table of long names it starts.

    Within nested archives "/123:456", and GNU ar leaves the slash of a short name at the field's end.
    """
    match = re.match(r"/(\d+)", name)
    if not match or int(match[1]) >= len(table):
        raise ObjectError(path, f"an archive member without a name: {name}")
    return table[int(match[1]) :].partition(b"/\n")[0].decode(errors="surrogateescape")
