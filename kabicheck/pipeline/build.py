"""Builds of commits ahead of time, which later comparisons find in the store."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import NoExports

if TYPE_CHECKING:
    from kabicheck.config import Check
    from kabicheck.model import Commit
    from kabicheck.pipeline.session import Session
    from kabicheck.vcs.repository import Repository


@dataclass(frozen=True, slots=True)
class BuiltCommit:
    """What building a commit came to.

    commit: The commit.
    objects: How many objects with exports it has.
    compiled: How many objects were compiled for that, 0 where all was built before.
    seconds: Of wall time.
    """

    commit: Commit
    objects: int
    compiled: int
    seconds: float


def build_commit(commit: Commit, repository: Repository, check: Check, session: Session) -> BuiltCommit:
    """Build one commit as a check with these settings would, unless that was done before.

    Raises BuildError, and NoExports where nothing that was built exports a symbol.
    """
    started = time.perf_counter()
    objects = session.kbuild(check, repository).objects(commit)
    if not objects.objects:
        raise NoExports(commit.short, "nothing that was built exports a symbol", hint="other targets?")
    return BuiltCommit(commit, len(objects.objects), objects.built, time.perf_counter() - started)
