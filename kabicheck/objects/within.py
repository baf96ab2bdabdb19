"""What a build's lists may name: files in its own folder.

A list can come from anywhere, in an archive or a folder that somebody else packed, and what it names is read, kept and
reported. Sources may lie elsewhere, since only their names are used.
"""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from pathlib import Path

from kabicheck.errors import ObjectError

LONGEST_NAME = 255  # bytes; NAME_MAX of every file system that a kernel is built on
LONGEST_PATH = 2048


class Within:
    """One build's folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._inside: dict[str, bool] = {}

    def path(self, name: str, listing: Path | str) -> str:
        """Where a name in a list (relative to the folder, or absolute) is below the folder.

        listing: the list, for errors. Raises ObjectError for a name that leads out, also through a link, or that no
        file can have. Whether there is such a file is not looked at.
        """
        if not all(c.isprintable() or "\udc80" <= c <= "\udcff" for c in name):
            raise ObjectError(listing, f"names {name!r}, which holds control characters")
        path = posixpath.normpath(name)
        if path.startswith("/"):
            path = posixpath.relpath(os.path.realpath(path), self._real)
        if len(path) > LONGEST_PATH or any(len(os.fsencode(part)) > LONGEST_NAME for part in path.split("/")):
            raise ObjectError(listing, f"names {name[:60]!r}…, which is longer than a file's name can be")
        if path.startswith("../") or path == ".." or not self._stays(path):
            raise ObjectError(
                listing,
                f"names {name}, which leads out of the build's folder",
                hint="pack the build's own files",
            )
        return path

    @cached_property
    def _real(self) -> str:
        return os.path.realpath(self._root)

    def _stays(self, path: str) -> bool:
        """Whether no link on the way leads out; each folder is looked at once."""
        folder = posixpath.dirname(path)
        if folder not in self._inside:
            self._inside[folder] = self._leads_in(folder)
        return self._inside[folder] and (not Path(self._real, path).is_symlink() or self._leads_in(path))

    def _leads_in(self, path: str) -> bool:
        return f"{os.path.realpath(f'{self._real}/{path}')}/".startswith(f"{self._real.rstrip('/')}/")
