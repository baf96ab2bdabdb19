"""The folder that kbuild builds in, moved with a worktree from commit to commit, and begun anew where it must be.

What makes it unfit: a build in it that was killed, or that something else changed a file there since ours ended.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Protocol

from kabicheck.cache import (
    changed_since,
    moment,
    read_sealed,
    remove,
    resolved,
    write_atomically,
    write_sealed,
)
from kabicheck.errors import BuildError, NotAFolder
from kabicheck.objects.collect import expire
from kabicheck.objects.configure import Configuration
from kabicheck.objects.make import Killed, Make
from kabicheck.objects.stale import expire_hidden
from kabicheck.objects.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from kabicheck.model import BuiltObject
    from kabicheck.objects.build_options import Build
    from kabicheck.progress import Progress


class Revision(Protocol):
    """What is built: a commit, or a tree that is not committed yet."""

    @property
    def short(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def tree(self) -> str: ...


class Source(Protocol):
    """A folder that holds one tree at a time and a folder around it that is ours to build in."""

    @property
    def path(self) -> Path: ...
    @property
    def folder(self) -> Path: ...

    def move_to(self, tree: str) -> int:
        """Make the folder hold this tree, touching only what differs. Raises NotAFolder where none can hold it."""
        ...

    def differing(self, old: str, new: str) -> Mapping[str, bool]:
        """The paths of the files that differ between two trees → whether both have them."""
        ...


class BuildFolder:
    """The folder `path`, in which make uses ccache by the variables of `make_environment.through_ccache`."""

    def __init__(self, source: Source, build: Build, ccache: Mapping[str, str], progress: Progress) -> None:
        self.path = resolved(source.folder / "build")
        self.logs = source.folder / "logs"
        self._source = source
        self._build = build
        self._ccache = ccache
        self._progress = progress
        self._configuration = Configuration(build.seed, source.differing)
        self._marker = source.folder / "building"
        self._stamp = source.folder / "built"  # when the last visit ended
        self._looked = False  # whether somebody else has changed what it left

    @contextlib.contextmanager
    def visit(self, revision: Revision, lock: int) -> Iterator[Visit]:
        """The build folder at a commit, configured. What is made there is made in this block."""
        if reason := self._unusable():
            self._progress(f"{reason}: building anew")
            remove(self.path)
        name = revision.short or revision.tree[:12]
        what = f"{name} ({revision.subject})" if revision.subject else name
        self._progress(f"checking out {name}")
        try:
            self._source.move_to(revision.tree)
        except NotAFolder as error:
            raise BuildError(
                f"commit {what} cannot be checked out: {error.message}", hint=error.hint
            ) from error
        self.path.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        log = self.logs / f"{name}.log"
        remove(log)
        make = Make(
            self._source.path,
            self.path,
            self._build.variables(),
            self._build.jobs or os.cpu_count() or 1,
            holds=(lock,),
            ccache=self._ccache,
        )
        write_atomically(self._marker, b"")
        started = self._marker.stat().st_mtime_ns
        try:
            config = self._configuration.of(make, revision.tree, log, what, self._progress)
            expire(self.path)
            expire_hidden(self.path, self._source.path, revision.tree, self._source.differing)
            yield Visit(make, log, name, what, config, started)
        except Killed:
            raise
        except BaseException:
            self._leave()  # make ended by itself and left nothing half made
            raise
        self._leave()

    def _leave(self) -> None:
        write_sealed(self._stamp, b"%d" % moment(self._source.folder), self._source.folder.name)
        self._marker.unlink()

    def _unusable(self) -> str:
        """Why the build folder is none that make can go on from; "" where it is."""
        if self._marker.exists():
            # A compiler may have left half an object, newer than its source.
            return "the last build was killed"
        if self._looked or not os.path.lexists(self.path):
            return ""
        self._looked = True
        try:
            since = int(read_sealed(self._stamp, self._source.folder.name))
            changed = next(changed_since(self.path, since), None)
        except (OSError, ValueError):
            return "it is not known how the last build ended"
        return f"{changed.name} was changed by something else since the last build" if changed else ""

    def make(self, visit: Visit) -> None:
        """Make the targets, but for objects for which this commit has no rule: those are absent from it."""
        goals = list(self._build.goals())
        missing: set[str] = set()
        while goals:
            start = visit.log.stat().st_size if visit.log.exists() else 0
            try:
                # Of many that are missing, make names one and stops, unless it is told to go on.
                visit.run(*goals, keep_going=bool(missing))
            except BuildError:
                missing = _without_rule(visit.log, start) & {goal for goal in goals if goal.endswith(".o")}
                if not missing:
                    raise
                goals = [goal for goal in goals if goal not in missing]
            else:
                return

    def remove_doubtful(self, visit: Visit, objects: Iterable[BuiltObject]) -> bool:
        """Remove objects that make may have taken for up to date by a list that lacks files; whether there are some."""
        doubtful = [built for built in objects if built.unlisted and not visit.made(built.path)]
        for built in doubtful:
            self._progress(
                f"making {built.path} anew: no list names {built.unlisted[0]}, which it is made from"
            )
            remove(self.path / built.path)
        return bool(doubtful)


_NO_RULE = re.compile(r"No rule to make target '(?:\./)*([^'\n]+)'")


def _without_rule(log: Path, start: int) -> set[str]:
    """What make said that it cannot be made, for want of a rule, from byte `start` of its output on."""
    with log.open(errors="surrogateescape") as file:  # line by line: a whole kernel's log has some megabytes
        file.seek(start)
        return {match[1] for line in file if (match := _NO_RULE.search(line))}
