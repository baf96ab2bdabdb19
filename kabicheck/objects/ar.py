"""The member names of an ar archive, thin ones above all: kbuild's `built-in.a` (ar(5), GNU variant)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.formats.bounded import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER = 60  # bytes: name[16] date[12] uid[6] gid[6] mode[8] size[10] end[2]
TABLES = {"/", "//", "/SYM64/"}  # symbols and long names: stored in thin archives as well
MOST = 1 << 30  # bytes; a thin archive of a whole kernel has a few MB


def member_names(path: Path) -> tuple[str, ...]:
    """Names as the archive has them: in a thin archive paths relative to its folder. Raises ObjectError."""
    data = read_bytes(path, MOST, "a built-in.a")
    thin = data.startswith(b"!<thin>\n")
    if not thin and not data.startswith(b"!<arch>\n"):
        raise ObjectError(path, "not an ar archive", offset=0)
    return tuple(_members(path, data, thin))


def _members(path: Path, data: bytes, thin: bool) -> Iterator[str]:
    long_names = b""
    unnamed: set[int] = set()  # offsets in the table of long names that no member has so far
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
                unnamed = _starts(long_names)
            offset += size + size % 2
        if name in TABLES:
            continue
        if not name:
            raise ObjectError(path, "a damaged archive header", offset=offset - HEADER)
        if name[0] == "/":
            start, long_name = _long_name(path, name, long_names)
            unnamed.discard(start)
            yield long_name
        else:
            yield name.removesuffix("/")
    # `ar` writes down the long names of the members that there are.
    if unnamed:
        lost = _entry(long_names, min(unnamed))
        raise ObjectError(path, f"a truncated archive: {lost!r} has a name and no member", offset=len(data))


def _starts(table: bytes) -> set[int]:
    """Where the names in a table of long names begin; a line break may fill it up to an even size."""
    end = len(table.rstrip(b"\n"))
    return {start for start in (0, *(m.end() for m in re.finditer(rb"/\n", table))) if start < end}


def _long_name(path: Path, name: str, table: bytes) -> tuple[int, str]:
    """Where in the table of long names that of "/123" starts, and the name.

    Within nested archives "/123:456", and GNU ar leaves the slash of a short name at the field's end.
    """
    match = re.match(r"/(\d+)", name)
    start = int(match[1]) if match else len(table)
    if start >= len(table) or (start and table[start - 2 : start] != b"/\n"):
        raise ObjectError(path, f"an archive member without a name: {name}")
    return start, _entry(table, start)


def _entry(table: bytes, start: int) -> str:
    return table[start : table.find(b"/\n", start)].decode(errors="surrogateescape")
