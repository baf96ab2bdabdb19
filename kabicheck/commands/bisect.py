"""Find the commits that changed exported symbols, over any range, with as few builds as can be.

Compares the objects that export SYMBOL at both ends, and looks for the commits between them that changed it:
all symbols share every build, and commits that touch nothing which the objects are made from are never
built. Builds are kept in $KABICHECK_CACHE (~/.cache/kabicheck), so that a bisection which was interrupted
goes on where it was when it is started again. Your checkout is never touched.

  kabicheck bisect --good v6.18 --bad v6.19 --target lib/ kobject_init kobject_add
  kabicheck bisect --dry-run kobject_init      what would be looked at
  git bisect replay LOG                        continues with git what --log LOG wrote

--target says what to build; without one it is everything that the configuration builds.

For a bisection of your own, `git bisect run kabicheck bisect step SYMBOL` answers whether the commit that is
checked out has changed the symbol: `kabicheck bisect step --help`."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import print_lines, warn, write_file
from kabicheck.commands.options.building import (
    add_build_arguments,
    add_commit_objects_argument,
    add_most_builds_argument,
    add_repository_arguments,
    require_numbers,
)
from kabicheck.commands.options.targets import add_target_argument
from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, UsageError
from kabicheck.model import Verdict
from kabicheck.pipeline.destinations import require_place
from kabicheck.pipeline.session import open_kept
from kabicheck.plain_text import counted, printable
from kabicheck.report.culprit_words import cost_words, culprit_words, unbuildable_words
from kabicheck.report.words import change_words

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterator, Sequence

    from kabicheck.index.index import Index
    from kabicheck.model import Comparison, ObjectSet
    from kabicheck.pipeline.attribution.inquiry import Inquiry
    from kabicheck.pipeline.attribution.observer import Observer
    from kabicheck.pipeline.settings import Settings
    from kabicheck.pipeline.sides import Sides


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = (
        "exit status: 0 for every symbol the commits are known that changed it; 2 for some they are not, since it is "
        "the same at both ends, since commits could not be built, or for an error."
    )
    parser.add_argument("symbols", nargs="+", metavar="SYMBOL", help="an exported symbol")
    add_repository_arguments(parser)
    parser.add_argument(
        "--good",
        dest="base",
        metavar="REF",
        help="a commit before the change: the merge base of REF and --bad (the upstream branch, origin/HEAD, main or "
        "master)",
    )
    parser.add_argument("--bad", dest="head", metavar="REF", default="HEAD", help="a commit behind it (HEAD)")
    add_target_argument(parser)
    add_build_arguments(parser, "the objects, but for those of --good")
    add_commit_objects_argument(parser)
    add_most_builds_argument(parser)
    parser.add_argument(
        "-n", "--dry-run", action="store_true", help="build both ends, and say what would follow"
    )
    parser.add_argument(
        "--log",
        metavar="FILE",
        type=Path,
        help="write what was found out of one symbol for `git bisect replay`",
    )
    parser.set_defaults(base_objects=None, head_objects=None, attribution="verify", output=[])


def run(args: argparse.Namespace) -> int:
    """Build both ends, say what is to be done, search, say what was found."""
    from kabicheck.commands.options.hook import Asked
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.attribution.inquiry import Inquiry
    from kabicheck.pipeline.attribution.observer import Observer
    from kabicheck.pipeline.settings import settings_of
    from kabicheck.pipeline.sides import gather

    require_numbers(args)
    symbols = tuple(dict.fromkeys(args.symbols))
    if args.log and len(symbols) > 1:
        raise UsageError("--log: git bisects one question at a time", hint="give one symbol; builds are kept")
    if args.log:
        require_place(args.log)
    with open_kept(args, warn) as (store, index):
        settings = settings_of(args, store)
        with shown_progress() as progress:
            question = Asked(args.base, args.head, same=True)  # which the answers say of each symbol
            sides = gather(args, question, settings.check, store, progress)
            assert sides.range
            stable = settings.check.stable or bool(settings.kabi)
            observer = Observer(sides.range.fetch, index, stable=stable, kabi=settings.kabi)
            comparison = _compared(symbols, sides, settings, observer, index)
        inquiry = Inquiry(comparison, sides, sides.range, observer, every=True)
        print_lines(_plan(sides, inquiry))
        if args.dry_run:
            return EXIT_CLEAN
        with shown_progress() as progress:
            found = inquiry.answered(settings.check, progress)
        assert found.attribution
        print_lines(_answers(symbols, found))
        print_lines([*unbuildable_words(found.attribution), cost_words(found.attribution)])
        if args.log:
            _write_log(args.log, found, inquiry)
    return EXIT_CLEAN if all(_is_known(symbol, found) for symbol in symbols) else EXIT_CANNOT_TELL


def _compared(
    symbols: Collection[str], sides: Sides, settings: Settings, observer: Observer, index: Index | None
) -> Comparison:
    """What differs of the symbols at both ends. Raises UsageError for one that neither end exports."""
    from kabicheck.pipeline.objects import compare_builds

    exports: set[str] = set()

    def holding(objects: ObjectSet) -> ObjectSet:
        """The objects that export one of the symbols."""
        held = {built.path: observer.read(built).states.keys() for built in objects.objects}
        exports.update(*held.values())
        kept = tuple(built for built in objects.objects if not held[built.path].isdisjoint(symbols))
        return replace(objects, objects=kept)

    old, new = holding(sides.old), holding(sides.new)
    for symbol in symbols:
        if symbol not in exports:
            near = get_close_matches(symbol, exports, 1)
            hint = f"did you mean {near[0]}?" if near else "--target says what to build"
            raise UsageError(f"{symbol}: exported at neither end", hint=hint)
    comparison = compare_builds(
        old,
        new,
        settings.check.jobs,
        stable=settings.check.stable or bool(settings.kabi),
        kabi=settings.kabi,
        index=index,
    )
    return replace(comparison, changes=tuple(c for c in comparison.changes if c.name in symbols))


def _plan(sides: Sides, inquiry: Inquiry) -> Iterator[str]:
    """What is to be done, before anything is."""
    plan = inquiry.plan()
    candidates = {step.commit.id for steps in plan.candidates.values() for step in steps}
    yield f"good {sides.base.label} ({printable(sides.base.detail)}) → bad {sides.head.label}"
    if candidates:
        builds = (
            counted(plan.most, "build") if plan.least == plan.most else f"{plan.least} to {plan.most} builds"
        )
        all_ = counted(len(inquiry.commits), "commit")
        yield f"{len(candidates):,} of {all_} touch what the objects are made from: {builds} expected"
    yield ""


def _answers(symbols: Sequence[str], comparison: Comparison) -> Iterator[str]:
    for symbol in symbols:
        changes = [change for change in comparison.changes if change.name == symbol]
        if not changes:
            yield f"{symbol}: the same at both ends"
        for change in changes:
            yield f"{symbol}: {change_words(change)}  ({printable(change.object)})"
            for culprit in change.culprits:
                # Of one change alone the line above says what became of it.
                steps = culprit.transitions if len(change.culprits) > 1 else ()
                became = "".join(f"{each.old or 'nothing'} → {each.new or 'nothing'}: " for each in steps)
                yield f"  {became}{culprit_words(culprit, dated=True)}"
    yield ""


def _write_log(path: Path, found: Comparison, inquiry: Inquiry) -> None:
    """Raises UsageError where nothing was found that could be written."""
    changes = [change for change in found.changes if change.culprits and change.culprits[0].commits]
    if not changes or found.attribution is None:
        raise UsageError(f"--log {path}: no commit was found")
    change = changes[0]
    unbuildable = {commit.id for commit, _ in found.attribution.unbuildable}
    write_file(path, "".join(f"{line}\n" for line in inquiry.log(change, unbuildable)).encode())


def _is_known(symbol: str, comparison: Comparison) -> bool:
    """Whether all that changed of a symbol has commits that were shown to have changed it."""
    verdicts = [c.verdict for change in comparison.changes if change.name == symbol for c in change.culprits]
    return bool(verdicts) and set(verdicts) == {Verdict.VERIFIED}
