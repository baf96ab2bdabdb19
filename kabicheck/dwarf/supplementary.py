"""Supplementary files: what dwz takes out of several debug files and puts into one (DWARF 5, section 7.3.6).

A file says which one it needs in `.gnu_debugaltlink` (a path and the other's build id) or in DWARF 5's `.debug_sup` (a
path and a checksum that both have). The path is where the file lies on an installed system. In an unpacked package it
is below one of the folders around the debug file; nothing is taken whose id is another.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf.abbrev import uleb128
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Iterator

GNU, STANDARD = ".gnu_debugaltlink", ".debug_sup"
_LONGEST_ID = 64  # bytes; a build id has 20, and no hash more than this
_DEBUG = Path("/usr/lib/debug")


class Link(NamedTuple):
    """What a file says of its supplementary file.

    section: where it says so.
    path: as it stands there.
    id: of the other file.
    """

    section: str
    path: str
    id: bytes


def link_of(image: Image) -> Link | None:
    """What a file says of its supplementary file; None where it has none. Raises ObjectError."""
    if section := image.section(GNU):
        path, found, identity = image.contents(section).partition(b"\0")
        if not found or not path or not 0 < len(identity) <= _LONGEST_ID:
            raise ObjectError(image.path, "no name and id of a supplementary file", section=GNU)
        return Link(GNU, os.fsdecode(path), identity)
    if section := image.section(STANDARD):
        is_supplementary, path, identity = _standard(image, image.contents(section))
        return None if is_supplementary else Link(STANDARD, os.fsdecode(path), identity)
    return None


def _standard(image: Image, data: bytes) -> tuple[bool, bytes, bytes]:
    """`.debug_sup`: a version of 2 bytes, is_supplementary, a path, a checksum behind its length."""
    end = data.find(b"\0", 3)
    try:
        length, at = uleb128(data, end + 1)
    except IndexError:
        length, at = -1, 0
    if end < 0 or not 0 < length <= _LONGEST_ID or at + length > len(data):
        raise ObjectError(image.path, "no name and checksum of a supplementary file", section=STANDARD)
    return data[2] == 1, data[3:end], data[at : at + length]


def open_supplementary(image: Image) -> Image:
    """The supplementary file of a file that refers to one. Raises ObjectError where it has none, or none is found."""
    link = link_of(image)
    if link is None:
        raise ObjectError(image.path, "refers to a supplementary file and does not say to which")
    for candidate in _candidates(Path(image.path), link):
        if not os.path.isfile(candidate):  # noqa: PTH113  pathlib's raises where the file gives too long a name
            continue
        found = Image(candidate)
        if _identity(found, link.section) == link.id:
            return found
    raise ObjectError(
        image.path,
        f"its supplementary debug file {link.path} ({link.id.hex()}) is not there",
        section=link.section,
        hint="it belongs to another package of debug files; unpack or install that beside this one",
    )


def _identity(image: Image, section: str) -> bytes:
    """What a supplementary file says of itself."""
    if section == GNU:
        note = image.section(".note.gnu.build-id")
        return image.contents(note)[16:] if note else b""
    own = image.section(STANDARD)
    return _standard(image, image.contents(own))[2] if own else b""


def _candidates(path: Path, link: Link) -> Iterator[Path]:
    """Where the file may be: where the link says, and in the places of debug files below the folders around."""
    where = os.path.realpath(path)
    folders = list(Path(where).parents)
    yield folders[0] / link.path  # a relative path starts there; an absolute one is taken as it is
    name = PurePosixPath(link.path)
    by_id = Path(".build-id", link.id.hex()[:2], f"{link.id.hex()[2:]}.debug")
    for folder in (*folders, _DEBUG):
        if name.is_absolute():
            yield folder / name.relative_to("/")  # the folder is the root of an unpacked package
        yield folder / ".dwz" / name.name
        yield folder / by_id
        yield folder / name.name
