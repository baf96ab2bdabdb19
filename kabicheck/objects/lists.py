"""What a build lists: `built-in.a` and `lib.a`, which are thin archives, `modules.order`, and modules' `.mod` files.

A list that is cut short, or holds anything but what kbuild writes there, is an error: what it does not name would not
be looked at, and nobody would know.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from kabicheck.errors import BuildError, ObjectError
from kabicheck.formats.bounded import read_bytes
from kabicheck.objects.ar import member_names

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.objects.within import Within

MOST = 64 << 20  # bytes of a list; those of a whole kernel have a few

_SYMBOL = re.compile(r"\.?[A-Za-z_$][A-Za-z0-9_$.]*", re.ASCII)


def archived(build: Path, archive: str, within: Within) -> dict[str, str]:
    """The objects in a built-in.a or lib.a → "vmlinux". Raises ObjectError."""
    folder = posixpath.dirname(archive)
    within.path(archive, build / archive)
    found = {}
    for name in member_names(build / archive):
        if not name.endswith(".o"):
            raise ObjectError(build / archive, f"names {name!r}, which is no object file")
        found[within.path(posixpath.join(folder, name), build / archive)] = "vmlinux"
    return found


def modules(build: Path, order: str, within: Within) -> dict[str, str]:
    """The objects of the modules that a modules.order names (as .ko until Linux 6.2).

    Raises BuildError, ObjectError.
    """
    found = {}
    for line in _lines(build / order):
        stem, suffix = posixpath.splitext(line)
        if suffix not in (".o", ".ko") or " " in line:
            raise ObjectError(build / order, f"names {line!r}, which is no module")
        stem = within.path(stem, build / order)
        listing = build / within.path(f"{stem}.mod", build / order)
        if not listing.is_file():
            raise BuildError(
                f"{listing}: {order} lists this module, but the build did not say what it is made of"
            )
        for name in module_parts(listing):
            found[within.path(name, listing)] = posixpath.basename(stem)
    return found


def module_parts(listing: Path) -> list[str]:
    """The objects that a .mod file names.

    One in each line; until Linux 5.18 all in the first line, and in the second the symbols that the module uses.
    Raises ObjectError.
    """
    lines = _lines(listing)
    together = len(lines) > 1 and not lines[1].endswith(".o") and _are_symbols(lines[1]) and len(lines) == 2
    names = [word for line in (lines[:1] if together else lines) for word in line.split()]
    for name in names:
        if not name.endswith(".o"):
            raise ObjectError(listing, f"names {name!r}, which is no object file")
    if not names:
        raise ObjectError(listing, "names no object file")
    return names


def _are_symbols(line: str) -> bool:
    """Whether a line holds names of symbols (`nm -P`), of letters of C and dots alone (`.TOC.` of ppc64)."""
    return all(map(_SYMBOL.fullmatch, line.split()))


def _lines(path: Path) -> list[str]:
    data = read_bytes(path, MOST, "a list of modules")
    if data and not data.endswith(b"\n"):
        raise ObjectError(path, "cut short: its last line has no end", offset=len(data))
    return [line.strip() for line in data.decode(errors="surrogateescape").splitlines() if line.strip()]
