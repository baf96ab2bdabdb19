"""Objects from a kernel build: move the worktree to a commit, make, collect what that commit lists.

One worktree and one build folder per (repository, configuration, architecture, compiler) move from commit to
commit, so that make rebuilds only what changed. What was collected is kept in the store, and asked for again
it comes from there without a make.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Protocol

from kabicheck.cache import locked, write_atomically
from kabicheck.errors import BuildError
from kabicheck.model import ObjectSet
from kabicheck.objects.collect import expire, listed_objects, read_exporting
from kabicheck.objects.config import forced, merged, read_config, settings
from kabicheck.objects.make import Killed, Make

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.objects.build import Build
    from kabicheck.objects.store import Store

# Part of every key: raise it when the same build would be collected differently.
FORMAT = 2


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
        """Make the folder hold this tree, touching only what differs."""
        ...


class Kbuild:
    """The objects of any commit, from builds in one folder beside `source`.

    source: a worktree for `build.key`; progress: told what takes time, one line each; fresh: build from nothing,
    whatever is kept.
    """

    def __init__(
        self,
        source: Source,
        build: Build,
        store: Store,
        progress: Callable[[str], None] = lambda _: None,
        *,
        fresh: bool = False,
    ) -> None:
        self._source = source
        self._build = build
        self._store = store
        self._progress = progress
        self._fresh = fresh
        self._key = build.key
        self._folder = source.folder / "build"
        self._marker = source.folder / "building"
        self.logs = source.folder / "logs"

    def objects(self, revision: Revision) -> ObjectSet:
        """Everything that holds exports under the targets. Raises BuildError, RepositoryError.

        From the store where this was built before, otherwise from a build that starts where the last ended.
        """
        key = self._manifest_key(revision)
        if not self._fresh and (found := self._store.find(key)):
            return found
        with locked(self._source.folder / "lock", progress=self._progress) as lock:
            if self._fresh:
                shutil.rmtree(self._folder, ignore_errors=True)
            elif found := self._store.find(key):  # somebody else built it while we waited
                return found
            return self._store.keep(key, self._built(revision, lock))

    def _manifest_key(self, revision: Revision) -> str:
        parts = [FORMAT, revision.tree, self._key, sorted(set(self._build.targets)), str(self._source.path)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _built(self, revision: Revision, lock: int) -> ObjectSet:
        if self._marker.exists():
            # Killed in the middle: a compiler may have left half an object, newer than its source.
            self._progress("the last build was killed: building anew")
            shutil.rmtree(self._folder, ignore_errors=True)
        name = revision.short or revision.tree[:12]
        self._progress(f"checking out {name}")
        self._source.move_to(revision.tree)
        self._folder.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(exist_ok=True)
        log = self.logs / f"{name}.log"
        log.unlink(missing_ok=True)
        make = Make(
            self._source.path,
            self._folder,
            self._build.variables(),
            self._build.jobs or os.cpu_count() or 1,
            holds=(lock,),
        )
        what = f"{name} ({revision.subject})" if revision.subject else name
        write_atomically(self._marker, b"")
        started = self._marker.stat().st_mtime_ns
        try:
            self._progress(f"configuring {name}")
            config = self._configure(make, log, what)
            self._progress(f"building {name}")
            expire(self._folder)
            self._make(make, log, what)
        except Killed:
            raise
        except BaseException:
            self._marker.unlink()  # make ended by itself and left nothing half made
            raise
        self._marker.unlink()
        return self._collect(config, started, what)

    def _make(self, make: Make, log: Path, what: str) -> None:
        """Make the targets, but for objects for which this commit has no rule: those are absent from it."""
        goals = list(self._build.goals())
        while goals:
            try:
                make.run(*goals, log=log, doing=f"building commit {what}")
            except BuildError as error:
                missing = {goal for goal in goals if goal.endswith(".o") and _no_rule(error, goal)}
                if not missing:
                    raise
                goals = [goal for goal in goals if goal not in missing]
            else:
                return

    def _configure(self, make: Make, log: Path, what: str) -> str:
        """Make `.config` from the seed, whatever stood there; its time changes only when its text does."""
        seed = self._build.seed
        config = self._folder / ".config"
        before = (config.read_bytes(), config.stat().st_mtime_ns) if config.is_file() else None
        if seed.file:
            start = read_config(seed.file).decode(errors="surrogateescape")
        else:
            config.unlink(missing_ok=True)
            make.run(seed.target, log=log, doing=f"make {seed.target} of commit {what}")
            start = config.read_text(errors="surrogateescape")
        fragments = [read_config(path).decode(errors="surrogateescape") for path in seed.fragments]
        write_atomically(config, forced(merged(start, fragments)).encode(errors="surrogateescape"))
        make.run("olddefconfig", log=log, doing=f"make olddefconfig of commit {what}")
        after = config.read_bytes()
        if before and before[0] == after:
            os.utime(config, ns=(before[1], before[1]))
        return after.decode(errors="surrogateescape")

    def _collect(self, config: str, started: int, what: str) -> ObjectSet:
        listed: dict[str, str] = {}
        absent = []
        for goal in self._build.goals():
            found = listed_objects(self._folder, goal)
            if found is None:
                absent.append(goal)
            else:
                listed |= found
        if "./" in absent:
            raise BuildError(f"building commit {what} left no built-in.a", log=self.logs)
        options = settings(config)
        return ObjectSet(
            objects=read_exporting(self._folder, self._source.path, listed),
            config=config,
            genksyms=options.get("MODVERSIONS") == "y" and options.get("GENDWARFKSYMS") != "y",
            exports_trimmed=options.get("TRIM_UNUSED_KSYMS") == "y",
            built=sum((self._folder / path).stat().st_mtime_ns >= started for path in listed),
            source=str(self._source.path),
            absent=tuple(absent),
        )


def _no_rule(error: BuildError, goal: str) -> bool:
    """Whether make said of exactly this goal that it cannot be made."""
    return any(
        re.search(rf"No rule to make target '(?:\./)*{re.escape(goal)}'", line) for line in error.lines
    )
