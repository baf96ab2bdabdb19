"""Debug files: where a distribution puts the debug information that it strips from a kernel and its modules.

As debuggers look for them (GDB's manual, "Debugging Information in Separate Files"), in this order: by build id, by
the file's own path below a folder of debug files (Debian's -dbg packages), by the name that `.gnu_debuglink` gives.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.elf.image import Image
from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEFAULT = Path("/usr/lib/debug")
PACKED = (".gz", ".xz", ".zst")


def find_debug_file(path: Path, image: Image, given: Sequence[Path] = ()) -> Path | None:
    """The debug file of a stripped one; None where there is none. given: files, or folders to look in."""
    for place in given:
        if not place.exists():
            raise UsageError(f"--debug-files {place}: no such file or folder")
    files = [place for place in given if place.is_file()]
    folders = [place for place in given if place.is_dir()] or [DEFAULT]
    candidates = (
        *files,
        *(found for folder in folders for found in _below(folder, path, image)),
        *_beside(path, image),
    )
    own = build_id(image)
    for candidate in candidates:
        exists = os.path.isfile(candidate)  # noqa: PTH113  pathlib's raises where the file gives too long a name
        if exists and not candidate.samefile(path) and _is_of(own, candidate):
            return candidate
    return None


def build_id(image: Image) -> bytes:
    """The build id (a note of type 3 by "GNU"), b"" where the file has none."""
    section = image.section(".note.gnu.build-id")
    return image.contents(section)[16:] if section else b""


def _is_of(own: bytes, candidate: Path) -> bool:
    return not own or build_id(Image(candidate)) == own


def _below(folder: Path, path: Path, image: Image) -> Iterator[Path]:
    own = build_id(image).hex()
    if own:
        yield folder / ".build-id" / own[:2] / f"{own[2:]}.debug"
    whole = path.absolute()
    plain = whole.with_suffix("") if whole.suffix in PACKED else whole
    for name in (plain, plain.with_name(f"{plain.name}.debug")):
        yield folder / name.relative_to("/")
        # where only the part below /lib/modules is the same
        parts = name.parts
        if "modules" in parts:
            yield folder.joinpath("lib", *parts[parts.index("modules") :])
    if link := debug_link(image):
        yield folder / whole.parent.relative_to("/") / link


def _beside(path: Path, image: Image) -> Iterator[Path]:
    if link := debug_link(image):
        yield path.parent / link
        yield path.parent / ".debug" / link


def debug_link(image: Image) -> str:
    """The name in `.gnu_debuglink`, "" where there is none or where it leads elsewhere."""
    section = image.section(".gnu_debuglink")
    name = image.contents(section).partition(b"\0")[0] if section else b""
    text = os.fsdecode(name)
    return text if PurePosixPath(text).name == text and text != ".." else ""
