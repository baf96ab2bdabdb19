"""What lives as long as a run: objects of builds in the store, versions of objects in the index, and who waits."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.cache import cache_folder, digest_of
from kabicheck.objects.build_options import Build
from kabicheck.pipeline.reading import open_index
from kabicheck.pipeline.settings import seed_of
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.config import Check
    from kabicheck.index.index import Index
    from kabicheck.objects.kbuild import Kbuild
    from kabicheck.objects.store import Store
    from kabicheck.pipeline.object_reader import ObjectReader
    from kabicheck.pipeline.request import CacheOptions
    from kabicheck.progress import Advance, Progress, Warn
    from kabicheck.vcs.repository import Repository


class _Relay:
    """A `Progress` that tells the one that shows it at the time, if any: what builds lives longer than a line."""

    def __init__(self) -> None:
        self.shown: Progress = SILENT

    def __call__(self, what: str) -> None:
        self.shown(what)

    def counted(self, what: str, total: int) -> Advance:
        return self.shown.counted(what, total)


class Session:
    """What the stages of a run share.

    cache: How what is kept is used.
    index: The versions of objects that were read before, None where nothing of that is used.
    """

    def __init__(self, cache: CacheOptions, opened: ExitStack) -> None:
        """opened: Closes what is opened for the session, when that ends."""
        self.cache = cache
        self.index: Index | None = None
        self._relay = _Relay()
        self._opened = opened

    @property
    def progress(self) -> Progress:
        """Is told what is being done; whoever keeps it tells those who look on at that time."""
        return self._relay

    @cached_property
    def reader(self) -> ObjectReader:
        """Reads objects, and remembers what was read in this run."""
        from kabicheck.pipeline.object_reader import ObjectReader

        return ObjectReader(self.index)

    @cached_property
    def store(self) -> Store:
        """Copies of objects that were built or unpacked. Raises KabicheckError where there is no place for them."""
        from kabicheck.objects.store import Store

        store = self._opened.enter_context(Store.opened(digest=self._digest))
        if not self.cache.untrusted:
            return store
        own = Store.opened(untrusted_folder(), digest=self._digest, below=store)
        return self._opened.enter_context(own)

    def _digest(self, file: Path) -> bytes:
        """The SHA-256 of a file, which the index knows of most objects that the store would read. Raises OSError."""
        return self.index.digest(file) if self.index else digest_of(file)

    @contextmanager
    def showing(self, progress: Progress) -> Iterator[Session]:
        """This session, telling its progress as long as the block runs."""
        self._relay.shown = progress
        try:
            yield self
        finally:
            self._relay.shown = SILENT

    def kbuild(self, check: Check, repository: Repository) -> Kbuild:
        """What builds commits as `check` asks for them. Raises KabicheckError.

        Untrusted ones in a place of its own, but what was built of trusted ones counts.
        """
        from kabicheck.objects.kbuild import Kbuild

        build = build_of(check)
        trusted = repository.worktree(build.key)
        if not self.cache.untrusted:
            return Kbuild(trusted, build, self.store, self.progress, fresh=self.cache.fresh)
        own = repository.worktree(build.key, untrusted_folder())
        return Kbuild(own, build, self.store, self.progress, fresh=self.cache.fresh, trusted=trusted.path)


@contextmanager
def open_session(cache: CacheOptions, warn: Warn, *, builds: bool = True) -> Iterator[Session]:
    """Open what is kept between runs. Raises KabicheckError.

    warn: Is told of an index that cannot be used.
    builds: Whether commits are to be built, which cannot be done without the store.
    """
    with ExitStack() as opened:
        session = Session(cache, opened)
        if builds:
            _ = session.store  # opened first, so that its error is the only one
        session.index = opened.enter_context(open_index(warn, no_cache=cache.fresh, verify=cache.verify))
        yield session


def untrusted_folder() -> Path:
    """Where all is that builds of untrusted commits leave behind: worktrees, build folders, objects and manifests."""
    return cache_folder() / "untrusted"


def build_of(check: Check) -> Build:
    """What kbuild is told. Raises UsageError."""
    return Build(
        seed=seed_of(check),
        targets=check.targets,
        arch=check.arch,
        cross_compile=check.cross_compile,
        llvm=check.llvm,
        kcflags=check.kcflags,
        jobs=check.jobs,
        stable=check.stable,
    )
