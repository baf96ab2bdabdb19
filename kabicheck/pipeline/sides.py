"""The two sides of a check: commits of a repository, built, or ready-made objects of either."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.errors import NoExports, UsageError
from kabicheck.model import ObjectSet, Side
from kabicheck.objects.build_options import Build
from kabicheck.objects.provider import ReadyMade
from kabicheck.pipeline.attribution.observer import ReadyCommits
from kabicheck.pipeline.built_before import FAR, BuiltBefore, is_unread
from kabicheck.pipeline.shipped import TRIMMED, remarks
from kabicheck.plain_text import counted
from kabicheck.vcs.repository import Base, Repository

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from kabicheck.config import Check
    from kabicheck.model import Commit
    from kabicheck.pipeline.attribution.observer import Fetch
    from kabicheck.pipeline.request import Refs, Sources
    from kabicheck.pipeline.session import Session

NO_OBJECTS = ObjectSet(())
MOST_NAMED = 5  # targets in an error
SAME_COMMIT = "base and head are the same commit, so that nothing can differ"
UNREAD = "nothing was built: no build reads what differs"
REPLACED = "of what the remote has, {} that head does not hold: who changed what was not looked for"


@dataclass(frozen=True, slots=True)
class Range:
    """The history between both sides.

    repository: Where it is.
    base, head: Its ends.
    fetched: Of both ends, whether their objects came from where those of the commits in between do.
    bases: All merge bases; nothing of their history is head's doing.
    """

    repository: Repository
    base: Commit
    head: Commit
    fetched: tuple[bool, bool]
    bases: tuple[Commit, ...] = ()

    def commits(self) -> tuple[Commit, ...]:
        """Those that head has and no base has, the oldest first. Raises RepositoryError."""
        return self.repository.between(self.base, self.head, *self.bases)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides with their objects.

    base, head: What a report says of them.
    old, new: The objects.
    commit_ids: Those of the commits in between.
    notes: Sentences for the report.
    range: The history between them, None where that is not known.
    unattributed: There is no history to ask who changed what, and nobody need be told so.
    """

    base: Side
    head: Side
    old: ObjectSet
    new: ObjectSet
    commit_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    range: Range | None = None
    unattributed: bool = False


def gather(refs: Refs, sources: Sources, check: Check, session: Session) -> tuple[Sides, Fetch | None]:
    """Choose, build or read both sides.

    Returns them, and what gives the objects of commits in between, None where there are none. Raises KabicheckError.
    """
    if sources.are_ready:
        return _ready_made(refs, sources, check, session), None
    repository = Repository.discover(sources.repository)
    head = repository.commit(refs.head)
    base = _base(refs, sources, check, repository, head)
    builds = not (sources.base_objects or sources.head_objects)
    same = builds and base.commit.id == head.id
    if same and not refs.same:
        raise _nothing_to_compare(refs, base)
    if refs.hook and builds and not sources.commit_objects:
        step = repository.history().step(base.commit, head)
        if is_unread(check, repository, step, session):
            note = f"nothing was built: {SAME_COMMIT}" if same else UNREAD
            return _nothing_built(Side(base.commit.short, base.detail), Side(head.short), note), None
    fetch = fetch_of(sources, check, repository, session)
    goals = Build(targets=check.targets).goals()

    def objects(ready: Path | None, commit: Commit) -> ObjectSet:
        return ReadyMade(ready, session.store, goals).objects() if ready else fetch(commit)

    old, new = objects(sources.base_objects, base.commit), objects(sources.head_objects, head)
    require_exports(check, old, new)
    fetched = not sources.base_objects, not sources.head_objects
    between = Range(repository, base.commit, head, fetched, base.bases)
    sides = Sides(
        base=Side(base.commit.short, _base_detail(sources, base), len(old.objects)),
        head=Side(head.short, _head_detail(sources), len(new.objects)),
        old=old,
        new=new,
        commit_ids=tuple(commit.id for commit in between.commits()),
        notes=(
            *([base.note] if base.note else []),
            *repository.remarks(),
            *notes_of(old, new),
            *([SAME_COMMIT] if same else []),
        ),
        range=between,
    )
    return (_without_replaced(sides, between) if refs.itself else sides), fetch


def _without_replaced(sides: Sides, between: Range) -> Sides:
    """Both sides, without their history where the old one has commits that the new one has not."""
    replaced = between.repository.between(between.head, between.base)
    if not replaced:
        return sides
    note = REPLACED.format(counted(len(replaced), "commit"))
    return replace(sides, notes=(*sides.notes, note), range=None, unattributed=True)


def _base(refs: Refs, sources: Sources, check: Check, repository: Repository, head: Commit) -> Base:
    """What head is compared with. Raises RepositoryError."""
    named = check.base if refs.base is None else refs.base
    if refs.itself:
        commit = repository.commit(named)
        repository.will_read(commit, head)
        return Base(commit, "what the remote has", (commit,))
    # What others built, they built of a commit that everybody has.
    join = not (sources.base_objects or sources.commit_objects)
    return repository.base(head, named, head_name=refs.head, join=join, remote=refs.remote)


def _nothing_built(base: Side, head: Side, note: str) -> Sides:
    return Sides(base, head, NO_OBJECTS, NO_OBJECTS, notes=(note,), unattributed=True)


def fetch_of(sources: Sources, check: Check, repository: Repository, session: Session) -> Fetch:
    """Gives objects of commits: those that somebody else built (--commit-objects), or builds. Raises KabicheckError."""
    if sources.commit_objects:
        goals = Build(targets=check.targets).goals()
        return ReadyCommits(sources.commit_objects, session.store, goals)
    kbuild = session.kbuild(check, repository)

    def objects(commit: Commit, paths: Collection[str] | None = None) -> ObjectSet:
        if paths is not None:
            return kbuild.some(commit, paths)
        known = None
        if session.cache.untrusted:
            # Builds of strangers' commits start from nothing, but with what trusted ones gave, only some is needed.
            builds = BuiltBefore(repository, kbuild)
            known = kbuild.known(commit) or builds.near(commit, FAR, trusted=True)
        return known.objects if known else kbuild.objects(commit)

    return objects


def _ready_made(refs: Refs, sources: Sources, check: Check, session: Session) -> Sides:
    old_path, new_path = sources.base_objects, sources.head_objects
    assert old_path
    assert new_path
    if old_path.resolve() == new_path.resolve() and not refs.same:
        raise UsageError(
            f"--base-objects and --head-objects are both {new_path}, so that nothing can differ",
            hint="--allow-same, where that is meant",
        )
    goals = Build(targets=check.targets).goals()
    session.progress(f"reading {old_path}")
    old = ReadyMade(old_path, session.store, goals).objects()
    session.progress(f"reading {new_path}")
    new = ReadyMade(new_path, session.store, goals).objects()
    require_exports(check, old, new)
    return Sides(
        base=Side(str(old_path), objects=len(old.objects)),
        head=Side(str(new_path), objects=len(new.objects)),
        old=old,
        new=new,
        notes=notes_of(old, new),
    )


def _base_detail(sources: Sources, base: Base) -> str:
    return f"{base.detail}, ready-made: {sources.base_objects}" if sources.base_objects else base.detail


def _head_detail(sources: Sources) -> str:
    return f"ready-made: {sources.head_objects}" if sources.head_objects else ""


def _nothing_to_compare(refs: Refs, base: Base) -> UsageError:
    """A job that compares a branch with itself would be content for ever."""
    if refs.from_to:
        return UsageError(
            f"--to-ref {refs.head} has no commit that --from-ref {refs.base} has not, so that nothing can differ",
            hint="other refs; or --allow-same among the hook's args, where that is meant",
        )
    if refs.by_hand:
        return UsageError(
            f"nothing is staged, and HEAD, {base.commit.short}, is the {base.detail}, so that nothing can differ",
            hint="pre-commit run --from-ref REF --to-ref HEAD; or SKIP=kabicheck, where that is meant",
        )
    return UsageError(
        f"base and head are the same commit, {base.commit.short} ({base.detail}), so that nothing can differ",
        hint="--base names another; --allow-same, where that is meant",
    )


def require_exports(check: Check, old: ObjectSet, new: ObjectSet) -> None:
    """Two sides without exports are no sides without changes, and kbuild makes a folder that is not there."""
    absent = [target for target in old.absent if target in new.absent]
    if absent:
        more = f" and {len(absent) - MOST_NAMED} more" if len(absent) > MOST_NAMED else ""
        named = ", ".join(absent[:MOST_NAMED])
        raise UsageError(f"neither side has {named}{more}", hint="is the target spelled right?")
    if not old.objects and not new.objects:
        what = " ".join(check.targets) or "this configuration"
        raise NoExports(
            what, "nothing that was built exports a symbol", hint="other targets, or another --config"
        )


def notes_of(old: ObjectSet, new: ObjectSet) -> tuple[str, ...]:
    """What is to be known of two sides, in sentences."""
    notes = [*dict.fromkeys((*old.notes, *new.notes)), *remarks(old, new)]
    for side, objects in (("base", old), ("head", new)):
        if objects.absent:
            notes.append(f"{side} has no {', '.join(objects.absent)}")
    if old.exports_trimmed or new.exports_trimmed:
        notes.append(TRIMMED)
    return tuple(notes)
