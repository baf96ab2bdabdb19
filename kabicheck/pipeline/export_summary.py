"""How much was looked at where all exports are versioned, and what has no version."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.symver.survey import Survey

if TYPE_CHECKING:
    from kabicheck.model import ObjectVersions


@dataclass(slots=True)
class ExportSummary:
    """Counts, while versions go by.

    files: Linked files that were looked at.
    silent: Those of them that export nothing.
    units: Units of linked files that export something.
    exports: Exports of linked files and of objects.
    unread: Why files could not be read.
    unversioned: (module, reason) → the names of its exports that have no version for this reason.
    """

    files: int = 0
    silent: int = 0
    units: int = 0
    exports: int = 0
    unread: list[ObjectError] = field(default_factory=list)
    unversioned: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def count_file(self, content: tuple[ObjectVersions, ...] | Survey | ObjectError) -> None:
        """Count a linked file by what is known of it.

        content: the versions of its units that were calculated before, what it holds, or why it cannot be read.
        """
        self.files += 1
        if isinstance(content, ObjectError):
            self.unread.append(content)
        elif isinstance(content, Survey):
            self.silent += not content.exports
            self.units += sum(unit.number is not None for _, unit in content.units)
        else:
            self.silent += not content
            self.units += sum(bool(unit.path) for unit in content)  # exports of no unit have no path

    def count_exports(self, versions: ObjectVersions) -> None:
        """Count the exports of an object or a unit."""
        self.exports += len(versions.exports)
        for name, reason in versions.unversioned.items():
            self.unversioned.setdefault((versions.module, reason), []).append(name)

    @property
    def complete(self) -> bool:
        """Whether there was something to version, and all of it has a version."""
        return bool(self.exports) and not self.unversioned and not self.unread
