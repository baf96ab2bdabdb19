"""Objects from a kernel build: move the worktree to a commit, make, collect what that commit lists.

One worktree and one build folder per (repository, configuration, architecture, compiler) move from commit to
commit, so that make rebuilds only what changed. What was collected is kept in the store, and asked for again
it comes from there without a make.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from kabicheck.cache import locked, resolved, write_atomically
from kabicheck.elf.exports import holds_exports
from kabicheck.elf.image import Image
from kabicheck.errors import BuildError
from kabicheck.model import ObjectSet
from kabicheck.objects.build import is_under
from kabicheck.objects.collect import expire, listed_objects, read_exporting, read_one
from kabicheck.objects.config import settings
from kabicheck.objects.configure import Configuration
from kabicheck.objects.environment import through_ccache
from kabicheck.objects.generated import Origins
from kabicheck.objects.hidden import expire_hidden
from kabicheck.objects.host import require_buildable
from kabicheck.objects.make import Killed, Make
from kabicheck.objects.pieced import Pieced, find_pieced, keep_pieced
from kabicheck.objects.single import make_single
from kabicheck.objects.visit import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from kabicheck.model import BuiltObject
    from kabicheck.objects.build import Build
    from kabicheck.objects.store import Store

# Part of every key: raise it when the same build would be collected differently.
FORMAT = 8
# Its objects hold no exports: rust/exports.o has those of all of them.
RUST = "rust/"


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

    def differing(self, old: str, new: str) -> Mapping[str, bool]:
        """The paths of the files that differ between two trees → whether both have them."""
        ...


class Kbuild:
    """The objects of any commit, from builds in one folder beside `source`.

    source: a worktree for `build.key`; progress: told what takes time, one line each; fresh: build from nothing,
    whatever is kept. What ccache keeps is in the store's folder, so that who has a store of his own shares nothing.
    Raises UsageError where kbuild does not take the path of the worktree.
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
        require_buildable(source.folder)
        self._source = source
        self._build = build
        self._store = store
        self._progress = progress
        self._fresh = fresh
        self._key = build.key
        self._ccache = {} if fresh else through_ccache(store.folder / "ccache", build.toolchain)
        self._configuration = Configuration(build.seed, source.differing)
        self._folder = resolved(source.folder / "build")
        self._marker = source.folder / "building"
        self.logs = source.folder / "logs"
        self._made: set[str] = set()  # keys
        self._names: dict[str, str] = {}  # object path → make's name for it, where that is another
        self._modules: dict[str, str] = {}  # object path → module, as a whole build has it
        self._failed: dict[tuple[str, str], BuildError] = {}  # (tree, object path)

    def objects(self, revision: Revision) -> ObjectSet:
        """Everything that holds exports under the targets. Raises BuildError, RepositoryError.

        From the store where this was built before, otherwise from a build that starts where the last ended.
        """
        key = self._whole_key(revision)
        if not self._fresh and (found := self._store.find(key)):
            return self._learn(found)
        with locked(self._source.folder / "lock", progress=self._progress) as lock:
            if self._fresh:
                shutil.rmtree(self._folder, ignore_errors=True)
            elif found := self._store.find(key):  # somebody else built it while we waited
                return self._learn(found)
            return self._learn(self._keep(key, self._built(revision, lock)))

    @property
    def began(self) -> bool:
        """Whether anything was built here, so that another build does not start from nothing."""
        return (self._folder / ".config").is_file()

    def known(self, revision: Revision) -> Pieced | None:
        """All objects of a revision that was built as a whole, or pieced together from builds; None for another."""
        whole = self._whole_key(revision)
        found = self._find(whole)
        pieced = Pieced(found, whole) if found else None if self._fresh else find_pieced(self._store, whole)
        if pieced:
            self._learn(pieced.objects)
        return pieced

    def pieced(self, old: Pieced, revision: Revision, paths: Collection[str]) -> Pieced:
        """All objects of a revision that can differ from another one's only in `paths`. Raises as `some` does.

        These are built, and `known` knows the result from now on.
        """
        new = self.some(revision, paths) if paths else ObjectSet(())
        keys = {path: self._single_key(revision, path) for path in paths}
        result = old.replaced(new, keys)
        keep_pieced(self._store, self._whole_key(revision), result)
        return result

    def some(self, revision: Revision, paths: Collection[str]) -> ObjectSet:
        """The objects with these paths that hold exports. Raises BuildError, RepositoryError.

        Each is kept by itself, so that only those are made that no build of this tree has given before, and those that
        can be made are, before an error is raised for another. The configuration is not told.
        """
        wanted = sorted(set(paths))
        singles = [path for path in wanted if not path.startswith(RUST)]
        found = self._kept(revision, singles)
        if len(found) < len(singles):
            with locked(self._source.folder / "lock", progress=self._progress) as lock:
                found = self._kept(revision, singles)
                missing = [path for path in singles if path not in found]
                if missing:
                    found |= self._make_some(revision, missing, lock)
        parts = [found[path] for path in singles]
        if len(singles) < len(wanted):
            parts += self._rust_parts(revision, [path for path in wanted if path.startswith(RUST)])
        return self._joined(parts)

    def _rust_parts(self, revision: Revision, paths: Sequence[str]) -> Iterator[ObjectSet]:
        """Objects of rust/, from a whole build: only all of them together tell what each exports."""
        whole = self._find(self._whole_key(revision)) or self.objects(revision)
        for path in paths:
            part = self._part(whole, path)
            if part is None:
                raise BuildError(
                    f"{path}: what it exports is said by {RUST}exports.o",
                    hint=f"{RUST} belongs to the targets",
                )
            yield part
        yield ObjectSet((), built=whole.built)

    def _kept(self, revision: Revision, paths: Collection[str]) -> dict[str, ObjectSet]:
        """What is known already, each object as a set of its own: of builds of single objects, and of whole ones."""
        found = {path: one for path in paths if (one := self._find(self._single_key(revision, path)))}
        if len(found) < len(paths) and (whole := self._find(self._whole_key(revision))):
            self._learn(whole)
            for path in paths:
                if path not in found and (part := self._part(whole, path)):
                    found[path] = part
        return found

    def _find(self, key: str) -> ObjectSet | None:
        return self._store.find(key) if not self._fresh or key in self._made else None

    def _keep(self, key: str, found: ObjectSet) -> ObjectSet:
        self._made.add(key)
        return self._store.keep(key, found)

    def _learn(self, whole: ObjectSet) -> ObjectSet:
        """Take from a whole build how its objects and modules are called, which flags alone do not always say."""
        self._names |= {built.path: built.goal for built in whole.objects if built.goal}
        self._modules |= {built.path: built.module for built in whole.objects}
        return whole

    def _part(self, whole: ObjectSet, path: str) -> ObjectSet | None:
        """What a whole build says of one object; None where that was no part of it."""
        if not any(is_under(path, goal) for goal in self._build.goals()):
            return None
        is_bare = path in whole.without_exports
        if is_bare and path not in whole.made_from and not path.startswith(RUST):
            return None  # by itself, it is made together with what is known of its files
        objects = tuple(built for built in whole.objects if built.path == path)
        return replace(
            whole,
            objects=objects,
            config="",
            built=0,
            absent=() if objects or is_bare else (path,),
            without_exports=(path,) if is_bare else (),
        )

    def _joined(self, parts: Sequence[ObjectSet]) -> ObjectSet:
        """Sets of one object each, as one."""
        return ObjectSet(
            objects=tuple(self._named(built) for part in parts for built in part.objects),
            genksyms=any(part.genksyms for part in parts),
            exports_trimmed=any(part.exports_trimmed for part in parts),
            built=sum(part.built for part in parts),
            source=next((part.source for part in parts), ""),
            absent=tuple(path for part in parts for path in part.absent),
            without_exports=tuple(path for part in parts for path in part.without_exports),
            made_from={path: files for part in parts for path, files in part.made_from.items()},
        )

    def _named(self, built: BuiltObject) -> BuiltObject:
        """With its module's name as a whole build has it: before Linux 5.4, flags have underscores for dashes."""
        module = self._modules.get(built.path, built.module)
        same = module.replace("-", "_") == built.module.replace("-", "_")
        return replace(built, module=module) if same else built

    def _make_some(self, revision: Revision, paths: Collection[str], lock: int) -> dict[str, ObjectSet]:
        for path in paths:
            if error := self._failed.get((revision.tree, path)):
                raise error
        try:
            return self._built_some(revision, paths, lock)
        except BuildError as error:
            self._failed |= {(revision.tree, path): error for path in paths}
            raise

    def _built_some(self, revision: Revision, paths: Collection[str], lock: int) -> dict[str, ObjectSet]:
        names = {path: self._names.get(path, path) for path in paths}
        with self._visit(revision, lock) as visit:
            self._progress(f"building {visit.name}, objects: {len(paths)}")
            rules = self._source.folder / "listing.mk"
            made = make_single(visit, tuple(names.values()), self._build.goals(), rules)
        empty = self._empty_set(visit)
        origins = Origins(self._folder, self._source.path)
        found = {}
        for path, name in names.items():
            if name in made.absent:
                one = replace(empty, absent=(path,))
            elif name not in made.there:
                continue
            else:
                built = read_one(self._folder, origins, path)
                one = replace(empty, built=int(visit.made(path)))
                if holds_exports(Image(built.file)):
                    one = replace(one, objects=(built,))
                else:
                    known = {path: built.depends} if built.complete else {}
                    one = replace(one, without_exports=(path,), made_from=known)
            found[path] = self._keep(self._single_key(revision, path), one)
        if made.error:
            raise made.error
        return found

    def _whole_key(self, revision: Revision) -> str:
        return self._revision_key(revision, sorted(set(self._build.targets)))

    def _single_key(self, revision: Revision, path: str) -> str:
        return self._revision_key(revision, path)

    def _revision_key(self, revision: Revision, what: str | list[str]) -> str:
        parts = [FORMAT, revision.tree, self._key, what, str(self._source.path)]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def _built(self, revision: Revision, lock: int) -> ObjectSet:
        with self._visit(revision, lock) as visit:
            self._progress(f"building {visit.name}")
            self._make(visit)
        return self._collect(visit)

    @contextlib.contextmanager
    def _visit(self, revision: Revision, lock: int) -> Iterator[Visit]:
        """The build folder at a commit, configured. What is made there is made in this block."""
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
            ccache=self._ccache,
        )
        what = f"{name} ({revision.subject})" if revision.subject else name
        write_atomically(self._marker, b"")
        started = self._marker.stat().st_mtime_ns
        try:
            config = self._configuration.of(make, revision.tree, log, what, self._progress)
            expire(self._folder)
            expire_hidden(self._folder, self._source.path, revision.tree, self._source.differing)
            yield Visit(make, log, name, what, config, started)
        except Killed:
            raise
        except BaseException:
            self._marker.unlink()  # make ended by itself and left nothing half made
            raise
        self._marker.unlink()

    def _make(self, visit: Visit) -> None:
        """Make the targets, but for objects for which this commit has no rule: those are absent from it."""
        goals = list(self._build.goals())
        while goals:
            try:
                visit.run(*goals)
            except BuildError as error:
                missing = {goal for goal in goals if goal.endswith(".o") and _no_rule(error, goal)}
                if not missing:
                    raise
                goals = [goal for goal in goals if goal not in missing]
            else:
                return

    def _collect(self, visit: Visit) -> ObjectSet:
        listed: dict[str, str] = {}
        absent = []
        for goal in self._build.goals():
            found = listed_objects(self._folder, goal)
            if found is None:
                absent.append(goal)
            else:
                listed |= found
        if "./" in absent:
            raise BuildError(f"building commit {visit.what} left no built-in.a", log=self.logs)
        objects = read_exporting(self._folder, self._source.path, listed)
        return replace(
            self._empty_set(visit),
            objects=objects,
            config=visit.config,
            built=sum(visit.made(path) for path in listed),
            absent=tuple(absent),
            without_exports=tuple(sorted(listed.keys() - {built.path for built in objects})),
        )

    def _empty_set(self, visit: Visit) -> ObjectSet:
        """What every ObjectSet of a visit has in common, its configuration aside."""
        options = settings(visit.config)
        return ObjectSet(
            (),
            genksyms=options.get("MODVERSIONS") == "y" and options.get("GENDWARFKSYMS") != "y",
            exports_trimmed=options.get("TRIM_UNUSED_KSYMS") == "y",
            source=str(self._source.path),
        )


def _no_rule(error: BuildError, goal: str) -> bool:
    """Whether make said of exactly this goal that it cannot be made."""
    return any(
        re.search(rf"No rule to make target '(?:\./)*{re.escape(goal)}'", line) for line in error.lines
    )
