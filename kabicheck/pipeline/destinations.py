"""Where reports and other files that a person names may be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.places import require_outside_git

if TYPE_CHECKING:
    from pathlib import Path


def require_place(path: Path) -> None:
    """Raise UsageError for a file in a git folder, or behind a link that a branch brings along.

    A person may name any other place, but who wrote the commit must not lead that elsewhere.
    """
    require_outside_git(path)
    absolute = path.absolute()
    for each in (absolute, *absolute.parents):
        if each.is_symlink():
            from kabicheck.vcs.repository import Repository

            repository = Repository.find(each.parent)
            if repository and repository.source and repository.tracked_below(each):
                raise UsageError(
                    f"{path}: {each} is a symbolic link that git tracks, so that a branch decides where it leads",
                    hint="give the path that is meant",
                )
