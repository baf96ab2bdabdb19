"""Objects from a kernel build: move the worktree to a commit, make, collect what that commit lists.

One worktree and one build folder per (repository, configuration, architecture, compiler) move from commit to
commit, so that make rebuilds only what changed. What was collected is kept in the store, and asked for again
it comes from there without a make.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.cache import locked, remove
from kabicheck.elf.exports import holds_exports
from kabicheck.elf.image import Image
from kabicheck.errors import BuildError
from kabicheck.model import ObjectSet
from kabicheck.objects.build_folder import BuildFolder
from kabicheck.objects.build_options import is_under
from kabicheck.objects.collect import listed_objects, read_exporting, read_one
from kabicheck.objects.generated import Origins
from kabicheck.objects.host import require_buildable
from kabicheck.objects.incremental import Pieced, find_pieced, keep_pieced
from kabicheck.objects.kernel_config import settings
from kabicheck.objects.make_environment import through_ccache
from kabicheck.objects.single import make_single
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from kabicheck.model import BuiltObject
    from kabicheck.objects.build_folder import Revision, Source
    from kabicheck.objects.build_options import Build
    from kabicheck.objects.store import Store
    from kabicheck.objects.visit import Visit
    from kabicheck.progress import Progress

# Part of every key: raise it when the same build would be collected differently.
FORMAT = 9
# Its objects hold no exports: rust/exports.o has those of all of them.
RUST = "rust/"


class Kbuild:
    """The objects of any commit, from builds in one folder beside `source`.

    source: a worktree for `build.key`; progress: told what takes time, one line each; fresh: build from nothing,
    whatever is kept; trusted: the path of another worktree, whose builds count as well, and before those of `source`,
    where `store` knows them. What ccache keeps is in the store's folder, so that who has a store of his own shares
    nothing. Raises UsageError where kbuild does not take the path of the worktree.
    """

    def __init__(
        self,
        source: Source,
        build: Build,
        store: Store,
        progress: Progress = SILENT,
        *,
        fresh: bool = False,
        trusted: Path | None = None,
    ) -> None:
        require_buildable(source.folder)
        self._source = source
        self._build = build
        self._store = store
        self._progress = progress
        self._fresh = fresh
        self._sources = (*([str(trusted)] if trusted else []), str(source.path))
        self._key = build.key
        ccache = {} if fresh else through_ccache(store.folder / "ccache", build.toolchain)
        self._place = BuildFolder(source, build, ccache, progress)
        self._folder, self.logs = self._place.path, self._place.logs
        self._made: set[str] = set()  # keys
        self._names: dict[str, str] = {}  # object path → make's name for it, where that is another
        self._modules: dict[str, str] = {}  # object path → module, as a whole build has it
        self._failed: dict[tuple[str, str], BuildError] = {}  # (tree, object path)

    def objects(self, revision: Revision) -> ObjectSet:
        """Everything that holds exports under the targets. Raises BuildError, RepositoryError.

        From the store where this was built before, otherwise from a build that starts where the last ended.
        """
        key = self._whole_keys(revision)[-1]
        if not self._fresh and (found := self._find_whole(revision)):
            return self._learn(found)
        with locked(self._source.folder / "lock", progress=self._progress) as lock:
            if self._fresh:
                remove(self._folder)
            elif found := self._find_whole(revision):  # somebody else built it while we waited
                return self._learn(found)
            return self._learn(self._keep(key, self._built(revision, lock)))

    @property
    def began(self) -> bool:
        """Whether anything was built here, so that another build does not start from nothing."""
        return (self._folder / ".config").is_file()

    def known(self, revision: Revision, *, trusted: bool = False) -> Pieced | None:
        """All objects of a revision that was built as a whole, or pieced together from builds; None for another.

        trusted: by what was built in the other worktree alone.
        """
        keys = self._whole_keys(revision)
        for key in keys[:-1] if trusted else keys:
            found = self._find(key)
            pieced = Pieced(found, key) if found else None if self._fresh else find_pieced(self._store, key)
            if pieced:
                self._learn(pieced.objects)
                return pieced
        return None

    def pieced(self, old: Pieced, revision: Revision, paths: Collection[str]) -> Pieced:
        """All objects of a revision that can differ from another one's only in `paths`. Raises as `some` does.

        These are built, and `known` knows the result from now on.
        """
        new = self.some(revision, paths) if paths else ObjectSet(())
        keys = {path: self._known_as(self._single_keys(revision, path)) for path in paths}
        result = old.replaced(new, keys)
        keep_pieced(self._store, self._whole_keys(revision)[-1], result)
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
        whole = self._find_whole(revision) or self.objects(revision)
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
        found = {path: one for path in paths if (one := self._find(*self._single_keys(revision, path)))}
        if len(found) < len(paths) and (whole := self._find_whole(revision)):
            self._learn(whole)
            for path in paths:
                if path not in found and (part := self._part(whole, path)):
                    found[path] = part
        return found

    def _find_whole(self, revision: Revision) -> ObjectSet | None:
        return self._find(*self._whole_keys(revision))

    def _find(self, *keys: str) -> ObjectSet | None:
        """What the first of these keys that is known stands for."""
        allowed = (key for key in keys if not self._fresh or key in self._made)
        return next((found for key in allowed if (found := self._store.find(key))), None)

    def _known_as(self, keys: Sequence[str]) -> str:
        """The first of these keys that is known, else the last, which is our own."""
        return next((key for key in keys if self._find(key)), keys[-1])

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
        source = str(self._source.path)
        return ObjectSet(
            objects=tuple(
                replace(
                    self._named(built), source=built.source or part.source if part.source != source else ""
                )
                for part in parts
                for built in part.objects
            ),
            genksyms=any(part.genksyms for part in parts),
            exports_trimmed=any(part.exports_trimmed for part in parts),
            built=sum(part.built for part in parts),
            source=source if parts else "",
            absent=tuple(path for part in parts for path in part.absent),
            without_exports=tuple(path for part in parts for path in part.without_exports),
            made_from={path: files for part in parts for path, files in part.made_from.items()},
            notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
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
        with self._place.visit(revision, lock) as visit:
            self._progress(f"building {visit.name}, objects: {len(paths)}")
            rules = self._source.folder / "listing.mk"
            origins = Origins(self._folder, self._source.path)
            made = make_single(visit, tuple(names.values()), self._build.goals(), rules)
            there = (path for path, name in names.items() if name in made.there)
            if self._place.remove_doubtful(visit, (read_one(self._folder, origins, path) for path in there)):
                made = make_single(visit, tuple(names.values()), self._build.goals(), rules)
        empty = self._empty_set(visit)
        found = {}
        for path, name in names.items():
            if name in made.absent:
                one = replace(empty, absent=(path,))
            elif name not in made.there:
                continue
            else:
                built = read_one(self._folder, origins, path)
                note = _unlisted(built)
                one = replace(empty, built=int(visit.made(path)), notes=(note,) if note else ())
                if holds_exports(Image(built.file)):
                    one = replace(one, objects=(built,))
                else:
                    known = {path: built.depends} if built.complete else {}
                    one = replace(one, without_exports=(path,), made_from=known)
            found[path] = self._keep(self._single_keys(revision, path)[-1], one)
        if made.error:
            raise made.error
        return found

    def _whole_keys(self, revision: Revision) -> list[str]:
        return self._keys(revision, sorted(set(self._build.targets)))

    def _single_keys(self, revision: Revision, path: str) -> list[str]:
        return self._keys(revision, path)

    def _keys(self, revision: Revision, what: str | list[str]) -> list[str]:
        """What it is kept under, by the worktrees whose builds count, our own last."""
        parts = ([FORMAT, revision.tree, self._key, what, source] for source in self._sources)
        return [hashlib.sha256(json.dumps(each).encode()).hexdigest() for each in parts]

    def _built(self, revision: Revision, lock: int) -> ObjectSet:
        with self._place.visit(revision, lock) as visit:
            self._progress(f"building {visit.name}")
            self._place.make(visit)
            found = self._collect(visit)
            if self._place.remove_doubtful(visit, found.objects):
                self._place.make(visit)
                found = self._collect(visit)
        return replace(found, notes=tuple(filter(None, map(_unlisted, found.objects))))

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


def _unlisted(built: BuiltObject) -> str:
    """A sentence about an object whose list is not to be relied on; "" for any other."""
    if not built.unlisted:
        return ""
    return (
        f"{built.path}: its debug information names {built.unlisted[0]}, which its list of what it is made from lacks, "
        "so that it is taken to be made from anything"
    )
