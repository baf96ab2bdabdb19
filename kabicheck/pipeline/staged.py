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
from kabicheck.pipeline.built_before import BuiltBefore, is_unread, reached_objects
from kabicheck.pipeline.sides import NO_OBJECTS, Sides, gather, notes_of, require_exports
from kabicheck.plain_text import counted
from kabicheck.vcs.repository import Repository

if TYPE_CHECKING:
    from kabicheck.config import Check
    from kabicheck.model import ObjectSet, Step
    from kabicheck.pipeline.attribution.observer import Fetch
    from kabicheck.pipeline.request import Refs, Sources
    from kabicheck.pipeline.session import Session

NOTHING = "nothing was built: what is staged is what the commit holds"
UNREAD = "nothing was built: no build reads what is staged"
UNREACHED = "nothing was built: no staged file reaches an exported symbol"
MERGE = "a merge is compared with HEAD, its first parent: what it brings counts, whoever changed it"
NO_COMMIT = "nothing was compared: there is no commit yet that what is staged would change"


def gather_staged(refs: Refs, sources: Sources, check: Check, session: Session) -> tuple[Sides, Fetch | None]:
    """What is staged, and the commit that it is compared with.

    Where pre-commit is run by hand and nothing is staged, the branch is what is there to be compared, and what gives
    the objects of its commits is returned as well. Raises KabicheckError.
    """
    if refs.head != "HEAD" or sources.base_objects or sources.head_objects or sources.commit_objects:
        raise UsageError(
            "--staged compares builds of a commit and of what is staged: no --head, no ready-made objects"
        )
    repository = Repository.discover(sources.repository)
    if repository.is_unborn:
        nothing = Sides(
            Side("nothing"), Side("staged"), NO_OBJECTS, NO_OBJECTS, notes=(NO_COMMIT,), unattributed=True
        )
        return nothing, None
    base = repository.commit(refs.base or "HEAD")
    step = repository.staged(base, os.environ.get("GIT_INDEX_FILE", ""))
    if refs.by_hand and not step.touched:
        return gather(replace(refs, staged=False, hook=True), sources, check, session)
    sides = _between(repository, step, sources, check, session)
    merge = (MERGE,) if repository.is_merging else ()
    base_side = replace(sides.base, detail=refs.base or "HEAD")
    return replace(sides, base=base_side, notes=(*sides.notes, *merge)), None


def gather_amended(refs: Refs, sources: Sources, check: Check, session: Session) -> Sides | None:
    """What is staged, and the parent of HEAD, which is amended; None where that has none. Raises KabicheckError."""
    repository = Repository.discover(sources.repository)
    head = repository.commit("HEAD")
    if not head.parents or refs.base:
        return None
    step = repository.staged(repository.commit(head.parents[0]), os.environ.get("GIT_INDEX_FILE", ""))
    return _between(repository, step, sources, check, session)


def _between(repository: Repository, step: Step, sources: Sources, check: Check, session: Session) -> Sides:
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
    if is_unread(check, repository, step, session):
        return sides(NO_OBJECTS, NO_OBJECTS, UNREAD)
    kbuild = session.kbuild(check, repository)
    known = BuiltBefore(repository, kbuild, _build_command(sources, check)).at(base)
    old = known.objects
    require_exports(check, old, old)
    paths = reached_objects(step, old)
    if paths is None:
        return sides(old, kbuild.objects(step.commit))
    if not paths:
        looked_at = counted(len(old.objects), "object")
        return sides(NO_OBJECTS, NO_OBJECTS, f"{UNREACHED} ({looked_at} looked at)")
    new = kbuild.incremental(known, step.commit, paths).objects
    some = f"only what the staged files reach was built: {counted(len(paths), 'object')}"
    return sides(_only(old, paths), _only(new, paths), some)


def _build_command(sources: Sources, check: Check) -> str:
    """What builds the commit as a whole."""
    folder = "" if sources.repository == "." else f" -C {sources.repository}"
    return f"kabicheck build{folder}" + "".join(f" --target {target}" for target in check.targets)


def _only(objects: ObjectSet, paths: list[str]) -> ObjectSet:
    """Some of a side; without a configuration, which of single objects is not told."""
    return replace(objects.only(set(paths)), config="", absent=())
