"""What builds of commits gave, found in the store by tree and by what was asked for.

A key says the format, the tree, what decides what objects become, what was asked for and the worktree, whose path
debug information names. Equal key, no make and no checkout.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from kabicheck.objects.incremental import IncrementalBuild, find_incremental, keep_incremental

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kabicheck.model import ObjectSet
    from kabicheck.objects.build_folder import Revision
    from kabicheck.objects.build_options import Build
    from kabicheck.objects.store import Store

# Part of every key: raise it when the same build would be collected differently.
FORMAT = 9


class KeptBuilds:
    """The sets of objects of whole builds, of single objects and of incremental builds, by revision.

    store: Where they are kept.
    build: How they are built.
    worktrees: The paths of the worktrees whose builds count, our own last. What is kept anew is kept as built
        there; of what several have, the first one's counts.
    fresh: Whether only what was kept by this object counts.
    """

    def __init__(self, store: Store, build: Build, worktrees: Sequence[str], *, fresh: bool) -> None:
        self._store = store
        self._build = build
        self._worktrees = worktrees
        self._fresh = fresh
        self._kept_now: set[str] = set()  # the keys of what this object kept

    def whole(self, revision: Revision) -> ObjectSet | None:
        """What a whole build of this revision gave."""
        return self._find(self._whole_keys(revision))

    def single(self, revision: Revision, path: str) -> ObjectSet | None:
        """What a build of one object gave, as a set of its own."""
        return self._find(self._single_keys(revision, path))

    def keep_whole(self, revision: Revision, found: ObjectSet) -> ObjectSet:
        """Keep what a whole build gave; returns it with its files in the store."""
        return self._keep(self._whole_keys(revision)[-1], found)

    def keep_single(self, revision: Revision, path: str, found: ObjectSet) -> ObjectSet:
        """Keep what a build of one object gave; returns it with its files in the store."""
        return self._keep(self._single_keys(revision, path)[-1], found)

    def incremental(self, revision: Revision, *, trusted: bool = False) -> IncrementalBuild | None:
        """All objects of a revision, from a whole build of it or from an older one and single objects.

        With `trusted`, only builds in the other worktree count.
        """
        keys = self._whole_keys(revision)
        for key in keys[:-1] if trusted else keys:
            if found := self._find([key]):
                return IncrementalBuild(found, key)
            if not self._fresh and (incremental := find_incremental(self._store, key)):
                return incremental
        return None

    def keep_incremental(
        self, revision: Revision, old: IncrementalBuild, new: ObjectSet, paths: Collection[str]
    ) -> IncrementalBuild:
        """Keep that a revision has the objects of `old`, but for those with these paths, which `new` holds.

        The objects in `new` must have been kept one by one before.
        """
        keys = {path: self._first_known(self._single_keys(revision, path)) for path in paths}
        result = old.replaced(new, keys)
        keep_incremental(self._store, self._whole_keys(revision)[-1], result)
        return result

    def _find(self, keys: Sequence[str]) -> ObjectSet | None:
        """What the first of these keys that is known stands for."""
        allowed = (key for key in keys if not self._fresh or key in self._kept_now)
        return next((found for key in allowed if (found := self._store.find(key))), None)

    def _first_known(self, keys: Sequence[str]) -> str:
        """The first of these keys that is known, else the last, which is our own."""
        return next((key for key in keys if self._find([key])), keys[-1])

    def _keep(self, key: str, found: ObjectSet) -> ObjectSet:
        self._kept_now.add(key)
        return self._store.keep(key, found)

    def _whole_keys(self, revision: Revision) -> list[str]:
        return self._keys(revision, sorted(set(self._build.targets)))

    def _single_keys(self, revision: Revision, path: str) -> list[str]:
        return self._keys(revision, path)

    def _keys(self, revision: Revision, asked: str | list[str]) -> list[str]:
        """What it is kept under, one key for each worktree whose builds count."""
        parts = ([FORMAT, revision.tree, self._build.key, asked, worktree] for worktree in self._worktrees)
        return [hashlib.sha256(json.dumps(each).encode()).hexdigest() for each in parts]
