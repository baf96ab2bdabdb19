"""Ready-made objects: a folder with a build's output, as a build folder of the kernel's is."""

from __future__ import annotations

import posixpath
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.elf.exports import holds_exports
from kabicheck.elf.image import Image
from kabicheck.errors import FetchError, NoExports, ObjectError
from kabicheck.formats.folder import walk
from kabicheck.model import ObjectSet
from kabicheck.objects.collect import LISTS, STAND_IN, listed_objects, read_exporting
from kabicheck.objects.kernel_config import settings
from kabicheck.objects.within import Within

if TYPE_CHECKING:
    from collections.abc import Collection

# What modpost writes since Linux 6.5 (scripts/mod/modpost.c): tables of what a module, or vmlinux, exports; no types.
MODPOST = ".mod.o"
VMLINUX_EXPORTS = ".vmlinux.export.o"


def read_directory(root: Path, name: str = "") -> ObjectSet:
    """The exporting objects below a folder: those that its lists name, or without lists all there are.

    Errors call it `name`, as the user does. Raises FetchError, ObjectError, and NoExports where nothing is exported.
    """
    name = name or str(root)
    if not root.is_dir():
        raise FetchError(f"{name}: no such folder", hint="give a folder or a tar archive of a build's output")
    root = root.resolve()
    listed: dict[str, str] = {}
    for folder in _listing_folders(root):
        listed |= listed_objects(root, f"{folder}/") or {}
    for path in listed:
        if path.endswith(".o") and not (root / path).is_file():
            raise FetchError(
                f"{name}: its lists name {path}, which is not there", hint="pack all object files"
            )
    notes: tuple[str, ...] = (
        () if listed else (f"{name} has no built-in.a or modules.order: all its objects were taken",)
    )
    objects = read_exporting(root, None, listed or _all_objects(root))
    notes += _unlisted(root, listed) if listed else ()
    if not objects:
        raise NoExports(name, "no object file in it exports a symbol")
    config = root / ".config"
    text = config.read_text(errors="surrogateescape") if config.is_file() else ""
    options = settings(text)
    return ObjectSet(
        objects=objects,
        config=text,
        genksyms=options.get("MODVERSIONS") == "y" and options.get("GENDWARFKSYMS") != "y",
        exports_trimmed=options.get("TRIM_UNUSED_KSYMS") == "y",
        notes=notes,
    )


def _listing_folders(root: Path) -> list[str]:
    """The topmost folders that hold lists: theirs include those of the folders below."""
    found = []
    for parent, folders, files in walk(root):
        folders.sort()
        if any(name in files for name in LISTS):
            found.append(Path(parent).relative_to(root).as_posix())
            folders.clear()
    return found


def _unlisted(root: Path, listed: Collection[str]) -> tuple[str, ...]:
    """A sentence about what exports something, and is in no list: left over from another build, or lost from a list."""
    found = []
    for path in _all_objects(root):
        if path not in listed and posixpath.dirname(path).partition("/")[0] not in ("scripts", "tools"):
            with suppress(ObjectError):  # anything may be called so
                if holds_exports(Image(root / path)):
                    found.append(path)
    if not found:
        return ()
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return (f"exports of what no list of the build names were not looked at: {', '.join(found[:3])}{more}",)


def _all_objects(root: Path) -> dict[str, str]:
    """Every object but those that are linked from others, stand-ins beside what they stand for, and modpost's."""
    found = {}
    within = Within(root)
    for parent, _, files in walk(root):
        for name in sorted(files):
            path = posixpath.normpath(posixpath.join(Path(parent).relative_to(root).as_posix(), name))
            beside = any(
                name.endswith(end) and f"{name.removesuffix(end)}.o" in files for end in (STAND_IN, MODPOST)
            )
            if name.endswith(".o") and name != VMLINUX_EXPORTS and not beside and not _is_linked(root, path):
                found[within.path(path, root)] = "vmlinux"
    return found


def _is_linked(root: Path, path: str) -> bool:
    """Whether `ld -r` made this file from others: vmlinux.o, and a module's object with its .mod file."""
    if path == "vmlinux.o":
        return True
    listing = (root / path).with_suffix(".mod")
    return listing.is_file() and listing.read_text(errors="surrogateescape").split() != [path]
