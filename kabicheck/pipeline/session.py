"""What commands that build keep between runs: objects of builds in the store, versions of objects in the index."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from kabicheck.cache import cache_folder, digest_of
from kabicheck.commands.options.building import build_of
from kabicheck.pipeline.reading import open_index

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.config import Check
    from kabicheck.index.index import Index
    from kabicheck.objects.kbuild import Kbuild
    from kabicheck.objects.store import Store
    from kabicheck.progress import Progress, Warn
    from kabicheck.vcs.repository import Repository


@contextmanager
def open_kept(args: argparse.Namespace, warn: Warn) -> Iterator[tuple[Store, Index | None]]:
    """Both, as the command line asks for them. The index knows the content of objects that the store would read."""
    from kabicheck.objects.store import Store

    index: Index | None = None

    def digest(file: Path) -> bytes:
        return index.digest(file) if index else digest_of(file)

    # The store first, which nothing works without, so that its error is the only one.
    with ExitStack() as stack:
        store = stack.enter_context(Store.opened(digest=digest))
        if args.untrusted:
            store = stack.enter_context(Store.opened(untrusted_folder(), digest=digest, below=store))
        index = stack.enter_context(open_index(warn, no_cache=args.no_cache, verify=args.verify_cache))
        yield store, index


def untrusted_folder() -> Path:
    """Where all is that builds of untrusted commits leave behind: worktrees, build folders, objects and manifests."""
    return cache_folder() / "untrusted"


def kbuild_of(
    args: argparse.Namespace,
    check: Check,
    repository: Repository,
    store: Store,
    progress: Progress,
) -> Kbuild:
    """What builds commits, as the command line asks for them. store: from `open_kept`. Raises KabicheckError.

    With --untrusted in a place of its own, but what was built without that counts.
    """
    from kabicheck.objects.kbuild import Kbuild

    build = build_of(check)
    trusted = repository.worktree(build.key)
    if not args.untrusted:
        return Kbuild(trusted, build, store, progress, fresh=args.no_cache)
    own = repository.worktree(build.key, untrusted_folder())
    return Kbuild(own, build, store, progress, fresh=args.no_cache, trusted=trusted.path)
