"""Objects from a kernel build: move the worktree to a commit, make, collect what that commit lists.

One worktree and one build folder per (repository, configuration, architecture, compiler) move from commit to
commit, so that make rebuilds only what changed. What was collected is kept in the store, and asked for again
it comes from there without a make.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.cache import locked, remove
from kabicheck.errors import BuildError
from kabicheck.model import ObjectSet
from kabicheck.objects.build_folder import BuildFolder
from kabicheck.objects.commit_build import CommitBuild
from kabicheck.objects.host import require_buildable
from kabicheck.objects.kept_builds import KeptBuilds
from kabicheck.objects.make_environment import through_ccache
from kabicheck.objects.single_sets import RUST, WholeNames, joined, part_of
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from kabicheck.objects.build_folder import Revision, Source
    from kabicheck.objects.build_options import Build
    from kabicheck.objects.incremental import IncrementalBuild
    from kabicheck.objects.store import Store
    from kabicheck.progress import Progress


class Kbuild:
    """The objects of any commit: those that are kept, and else those of a build in one folder beside `source`.

    Raises UsageError where kbuild does not take the path of the worktree.

    source: A worktree for `build.key`.
    build: How commits are built.
    store: Where objects are kept. What ccache keeps is in its folder, so that who has a store of his own shares
        nothing.
    progress: Is told what takes time.
    fresh: Whether to build from nothing, whatever is kept.
    trusted: The path of another worktree, whose builds count where `store` knows them, before those of `source`.
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
        self._progress = progress
        self._fresh = fresh
        worktrees = (*([str(trusted)] if trusted else []), str(source.path))
        self._kept = KeptBuilds(store, build, worktrees, fresh=fresh)
        ccache = {} if fresh else through_ccache(store.folder / "ccache", build.toolchain)
        folder = BuildFolder(source, build, ccache, progress)
        self._folder, self.logs = folder.path, folder.logs
        self._commit_build = CommitBuild(folder, source, build, progress)
        self._names = WholeNames()
        self._failed: dict[tuple[str, str], BuildError] = {}  # (tree, object path) → why it could not be made

    @property
    def began(self) -> bool:
        """Whether anything was built here, so that another build does not start from nothing."""
        return (self._folder / ".config").is_file()

    def objects(self, revision: Revision) -> ObjectSet:
        """Everything that holds exports under the targets. Raises BuildError, RepositoryError.

        From the store where this was built before, otherwise from a build that starts where the last ended.
        """
        if not self._fresh and (found := self._kept.whole(revision)):
            return self._names.learn(found)
        with locked(self._source.folder / "lock", progress=self._progress) as lock:
            if self._fresh:
                remove(self._folder)
            elif found := self._kept.whole(revision):  # somebody else built it while we waited
                return self._names.learn(found)
            built = self._commit_build.whole(revision, lock)
            return self._names.learn(self._kept.keep_whole(revision, built))

    def known(self, revision: Revision, *, trusted: bool = False) -> IncrementalBuild | None:
        """All objects of a revision that was built as a whole or incrementally; None for another.

        With `trusted`, only what was built in the other worktree is known.
        """
        found = self._kept.incremental(revision, trusted=trusted)
        if found:
            self._names.learn(found.objects)
        return found

    def incremental(
        self, old: IncrementalBuild, revision: Revision, paths: Collection[str]
    ) -> IncrementalBuild:
        """All objects of a revision that can differ from an older one's only in `paths`. Raises as `some` does.

        These are built, and `known` knows the result from now on.
        """
        new = self.some(revision, paths) if paths else ObjectSet(())
        return self._kept.keep_incremental(revision, old, new, paths)

    def some(self, revision: Revision, paths: Collection[str]) -> ObjectSet:
        """The objects with these paths that hold exports. Raises BuildError, RepositoryError.

        Each is kept by itself, so that only those are made that no build of this tree has given before, and those that
        can be made are, before an error is raised for another. The configuration is not told.
        """
        wanted = sorted(set(paths))
        singles = [path for path in wanted if not path.startswith(RUST)]
        found = self._known_singles(revision, singles)
        if len(found) < len(singles):
            with locked(self._source.folder / "lock", progress=self._progress) as lock:
                found = self._known_singles(revision, singles)
                missing = [path for path in singles if path not in found]
                if missing:
                    found |= self._make_singles(revision, missing, lock)
        parts = [found[path] for path in singles]
        if len(singles) < len(wanted):
            parts += self._rust_parts(revision, [path for path in wanted if path.startswith(RUST)])
        return joined(parts, str(self._source.path), self._names)

    def _known_singles(self, revision: Revision, paths: Collection[str]) -> dict[str, ObjectSet]:
        """What is known already, each object as a set of its own: of builds of single objects, and of whole ones."""
        found = {path: one for path in paths if (one := self._kept.single(revision, path))}
        if len(found) < len(paths) and (whole := self._kept.whole(revision)):
            self._names.learn(whole)
            for path in paths:
                if path not in found and (part := part_of(whole, path, self._build.goals())):
                    found[path] = part
        return found

    def _make_singles(self, revision: Revision, paths: Sequence[str], lock: int) -> dict[str, ObjectSet]:
        """Make objects and keep each; none is tried twice that could not be made."""
        for path in paths:
            if error := self._failed.get((revision.tree, path)):
                raise error
        goals = {path: self._names.goal(path) for path in paths}
        try:
            made = self._commit_build.single(revision, goals, lock)
            kept = {path: self._kept.keep_single(revision, path, one) for path, one in made.found.items()}
            if made.error:
                raise made.error
        except BuildError as error:
            self._failed |= {(revision.tree, path): error for path in paths}
            raise
        return kept

    def _rust_parts(self, revision: Revision, paths: Sequence[str]) -> Iterator[ObjectSet]:
        """Objects of rust/, from a whole build: only all of them together tell what each exports."""
        whole = self._kept.whole(revision) or self.objects(revision)
        for path in paths:
            part = part_of(whole, path, self._build.goals())
            if part is None:
                raise BuildError(
                    f"{path}: what it exports is said by {RUST}exports.o",
                    hint=f"{RUST} belongs to the targets",
                )
            yield part
        yield ObjectSet((), built=whole.built)
