"""The two sides of a check: commits of a repository, built, or ready-made objects of either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import NoExports, UsageError
from kabicheck.model import ObjectSet, Side
from kabicheck.objects.build_options import Build
from kabicheck.objects.provider import ReadyMade
from kabicheck.pipeline.attribution.observer import ReadyCommits
from kabicheck.pipeline.built_before import FAR, Bases, is_unread
from kabicheck.pipeline.session import kbuild_of
from kabicheck.pipeline.shipped import TRIMMED, remarks
from kabicheck.plain_text import counted
from kabicheck.vcs.repository import Base, Repository

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection
    from pathlib import Path

    from kabicheck.commands.options.hook import Asked
    from kabicheck.config import Check
    from kabicheck.model import Commit
    from kabicheck.objects.store import Store
    from kabicheck.pipeline.attribution.observer import Fetch
    from kabicheck.progress import Progress

NO_OBJECTS = ObjectSet(())
MOST_NAMED = 5  # targets in an error
SAME_COMMIT = "base and head are the same commit, so that nothing can differ"
UNREAD = "nothing was built: no build reads what differs"
REPLACED = "of what the remote has, {} that head does not hold: who changed what was not looked for"


@dataclass(frozen=True, slots=True)
class Range:
    """The history between both sides. fetch: gives its commits' objects; fetched: whether each side came from there.

    bases: all merge bases; nothing of their history is head's doing.
    """

    repository: Repository
    base: Commit
    head: Commit
    fetch: Fetch
    fetched: tuple[bool, bool]
    bases: tuple[Commit, ...] = ()

    def commits(self) -> tuple[Commit, ...]:
        """Those that head has and no base has, the oldest first. Raises RepositoryError."""
        return self.repository.between(self.base, self.head, *self.bases)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides with their objects. commit_ids: of those between; notes: sentences for the report.

    range: the history between them, None where that is not known; unattributed: there is none to ask who changed what.
    """

    base: Side
    head: Side
    old: ObjectSet
    new: ObjectSet
    commit_ids: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    range: Range | None = None
    unattributed: bool = False


def gather(
    args: argparse.Namespace,
    question: Asked,
    check: Check,
    store: Store,
    progress: Progress,
) -> Sides:
    """Choose, build or read both sides. check: what of `args` can be set in a file. Raises KabicheckError."""
    if args.base_objects and args.head_objects and not args.commit_objects:
        return _ready_made(args, question, check, store, progress)
    repository = Repository.discover(args.repository)
    head = repository.commit(args.head)
    if question.itself:
        commit = repository.commit(check.base)
        base = Base(commit, "what the remote has", (commit,))
        repository.will_read(commit, head)
    else:
        # What others built, they built of a commit that everybody has.
        join = not (args.base_objects or args.commit_objects)
        base = repository.base(head, check.base, head_name=args.head, join=join, remote=question.remote)
    ready = bool(args.base_objects or args.head_objects)
    same = not ready and base.commit.id == head.id
    if same and not question.same:
        raise _nothing_to_compare(args, question, base)
    hooked = question.hook and not ready and not args.commit_objects
    step = repository.history().step(base.commit, head) if hooked else None
    if step and is_unread(args, check, repository, step, store=store, progress=progress):
        return Sides(
            Side(base.commit.short, base.detail),
            Side(head.short),
            NO_OBJECTS,
            NO_OBJECTS,
            notes=(f"nothing was built: {SAME_COMMIT}" if same else UNREAD,),
            unattributed=True,
        )
    fetch = fetch_of(args, check, repository, store, progress)
    goals = Build(targets=check.targets).goals()

    def objects(ready: Path | None, commit: Commit) -> ObjectSet:
        return ReadyMade(ready, store, goals).objects() if ready else fetch(commit)

    old, new = objects(args.base_objects, base.commit), objects(args.head_objects, head)
    require_exports(check, old, new)
    fetched = not args.base_objects, not args.head_objects
    between = Range(repository, base.commit, head, fetch, fetched, base.bases)
    replaced = repository.between(head, base.commit) if question.itself else ()
    notes = [base.note] if base.note else []
    notes += repository.remarks()
    notes += notes_of(old, new)
    notes += [SAME_COMMIT] if same else []
    notes += [REPLACED.format(counted(len(replaced), "commit"))] if replaced else []
    return Sides(
        base=Side(base.commit.short, _base_detail(args, base), len(old.objects)),
        head=Side(
            head.short, f"ready-made: {args.head_objects}" if args.head_objects else "", len(new.objects)
        ),
        old=old,
        new=new,
        commit_ids=tuple(commit.id for commit in between.commits()),
        notes=tuple(notes),
        range=None if replaced else between,
        unattributed=bool(replaced),
    )


def fetch_of(
    args: argparse.Namespace,
    check: Check,
    repository: Repository,
    store: Store,
    progress: Progress,
) -> Fetch:
    """Gives objects of commits: those that somebody else built (--commit-objects), or builds. Raises KabicheckError."""
    if args.commit_objects:
        return ReadyCommits(args.commit_objects, store, Build(targets=check.targets).goals())
    kbuild = kbuild_of(args, check, repository, store, progress)

    def objects(commit: Commit, paths: Collection[str] | None = None) -> ObjectSet:
        if paths is not None:
            return kbuild.some(commit, paths)
        pieced = None
        if args.untrusted:
            # Builds of strangers' commits start from nothing, but with what trusted ones gave, only some is needed.
            bases = Bases(repository, kbuild, args)
            pieced = kbuild.known(commit) or bases.near(commit, FAR, trusted=True)
        return pieced.objects if pieced else kbuild.objects(commit)

    return objects


def _ready_made(
    args: argparse.Namespace,
    question: Asked,
    check: Check,
    store: Store,
    progress: Progress,
) -> Sides:
    if args.base_objects.resolve() == args.head_objects.resolve() and not question.same:
        raise UsageError(
            f"--base-objects and --head-objects are both {args.head_objects}, so that nothing can differ",
            hint="--allow-same, where that is meant",
        )
    goals = Build(targets=check.targets).goals()
    progress(f"reading {args.base_objects}")
    old = ReadyMade(args.base_objects, store, goals).objects()
    progress(f"reading {args.head_objects}")
    new = ReadyMade(args.head_objects, store, goals).objects()
    require_exports(check, old, new)
    return Sides(
        base=Side(str(args.base_objects), objects=len(old.objects)),
        head=Side(str(args.head_objects), objects=len(new.objects)),
        old=old,
        new=new,
        notes=notes_of(old, new),
    )


def _base_detail(args: argparse.Namespace, base: Base) -> str:
    return f"{base.detail}, ready-made: {args.base_objects}" if args.base_objects else base.detail


def _nothing_to_compare(args: argparse.Namespace, question: Asked, base: Base) -> UsageError:
    """A job that compares a branch with itself would be content for ever."""
    if question.from_to:
        return UsageError(
            f"--to-ref {args.head} has no commit that --from-ref {args.base} has not, so that nothing can differ",
            hint="other refs; or --allow-same among the hook's args, where that is meant",
        )
    if question.by_hand:
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
