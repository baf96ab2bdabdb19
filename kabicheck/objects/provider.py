"""Objects that somebody else built, wherever they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.objects.archive import read_archive
from kabicheck.objects.build_options import is_under
from kabicheck.objects.directory import read_directory

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import ObjectSet
    from kabicheck.objects.store import Store


@dataclass(frozen=True)
class ReadyMade:
    """A folder, or a tar archive of one, with a build's output.

    path: The folder or the archive.
    store: Where what is unpacked of an archive is kept.
    goals: What of it is asked for, as make would be: folders that end in a slash, and objects.
    """

    path: Path
    store: Store
    goals: tuple[str, ...] = ("./",)

    def objects(self) -> ObjectSet:
        """All of these that hold exports. Raises FetchError, ObjectError."""
        found = read_directory(self.path) if self.path.is_dir() else read_archive(self.path, self.store)
        return replace(
            found,
            objects=tuple(b for b in found.objects if any(is_under(b.path, goal) for goal in self.goals)),
            absent=tuple(g for g in self.goals if not any(is_under(b.path, g) for b in found.objects)),
        )
