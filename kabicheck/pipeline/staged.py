"""The two sides of `kabicheck check --staged`: a commit and what is staged, with those objects that can differ.

A hook runs before every commit, so that it does the least that answers: files that no build reads need nothing at all,
others the dependency lists of the commit's build, and of the objects that these name each is built by itself. Only what
may reach further than lists say (Kconfig, makefiles, scripts) is built as a whole.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.model import Side
from kabicheck.pipeline.built_before import Bases, is_unread, reached_objects
from kabicheck.pipeline.session import kbuild_of
from kabicheck.pipeline.sides import NO_OBJECTS, Sides, gather, notes_of, require_exports
from kabicheck.plain_text import counted
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    import argparse

    from kabicheck.commands.options.hook import Asked
    from kabicheck.config import Check
    from kabicheck.model import ObjectSet, Step
    from kabicheck.objects.store import Store
    from kabicheck.progress import Progress

NOTHING = "nothing was built: what is staged is what the commit holds"
UNREAD = "nothing was built: no build reads what is staged"
UNREACHED = "nothing was built: no staged file reaches an exported symbol"
MERGE = "a merge is compared with HEAD, its first parent: what it brings counts, whoever changed it"
NO_COMMIT = "nothing was compared: there is no commit yet that what is staged would change"


def gather_staged(
    args: argparse.Namespace,
    question: Asked,
    check: Check,
    store: Store,
    progress: Progress,
) -> Sides:
    """What is staged, and the commit that it is compared with.

    Where pre-commit is run by hand and nothing is staged, the branch is what is there to be compared. Raises
    KabicheckError.
    """
    if args.head != "HEAD" or args.base_objects or args.head_objects or args.commit_objects:
        raise UsageError(
            "--staged compares builds of a commit and of what is staged: no --head, no ready-made objects"
        )
    repository = Repository.discover(args.repository)
    if repository.is_unborn:
        return Sides(
            Side("nothing"), Side("staged"), NO_OBJECTS, NO_OBJECTS, notes=(NO_COMMIT,), unattributed=True
        )
    base = repository.commit(args.base or "HEAD")
    step = repository.staged(base, os.environ.get("GIT_INDEX_FILE", ""))
    if question.by_hand and not step.touched:
        return gather(args, replace(question, staged=False, hook=True), check, store, progress)
    sides = _between(repository, step, args, check, store=store, progress=progress)
    merge = (MERGE,) if repository.is_merging else ()
    return replace(sides, base=replace(sides.base, detail=args.base or "HEAD"), notes=(*sides.notes, *merge))


def gather_amended(args: argparse.Namespace, check: Check, store: Store, progress: Progress) -> Sides | None:
    """What is staged, and the parent of HEAD, which is amended; None where that has none. Raises KabicheckError."""
    repository = Repository.discover(args.repository)
    head = repository.commit("HEAD")
    if not head.parents or args.base:
        return None
    step = repository.staged(repository.commit(head.parents[0]), os.environ.get("GIT_INDEX_FILE", ""))
    return _between(repository, step, args, check, store=store, progress=progress)


def _between(
    repository: Repository,
    step: Step,
    args: argparse.Namespace,
    check: Check,
    *,
    store: Store,
    progress: Progress,
) -> Sides:
    """Those objects of a commit and of what is staged that can differ."""
    base = step.parent

    def sides(old: ObjectSet, new: ObjectSet, *notes: str) -> Sides:
        return Sides(
            base=Side(base.short, objects=len(old.objects)),
            head=Side("staged", counted(len(step.touched), "file"), len(new.objects)),
            old=old,
            new=new,
            notes=(*repository.remarks(), *notes_of(old, new), *notes),
            unattributed=True,
        )

    if not step.touched:
        return sides(NO_OBJECTS, NO_OBJECTS, NOTHING)
    if is_unread(args, check, repository, step, store=store, progress=progress):
        return sides(NO_OBJECTS, NO_OBJECTS, UNREAD)
    kbuild = kbuild_of(args, check, repository, store, progress)
    before = Bases(repository, kbuild, args).at(base)
    old = before.objects
    require_exports(check, old, old)
    paths = reached_objects(step, old)
    if paths is None:
        return sides(old, kbuild.objects(step.commit))
    if not paths:
        looked_at = counted(len(old.objects), "object")
        return sides(NO_OBJECTS, NO_OBJECTS, f"{UNREACHED} ({looked_at} looked at)")
    new = kbuild.pieced(before, step.commit, paths).objects
    some = f"only what the staged files reach was built: {counted(len(paths), 'object')}"
    return sides(_only(old, paths), _only(new, paths), some)


def _only(objects: ObjectSet, paths: list[str]) -> ObjectSet:
    """Some of a side; without a configuration, which of single objects is not told."""
    kept = tuple(built for built in objects.objects if built.path in set(paths))
    return replace(objects, objects=kept, config="", absent=())
