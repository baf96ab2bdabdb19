"""Compare the exported symbol versions of two commits of a kernel tree, and say why they differ.

Builds the object files of both commits in a folder of its own, calculates the version of every exported
symbol from debug information as gendwarfksyms does, and reports each declaration that changed, with the
exports whose versions it changes and the commits that did it. Commits in between are built where that is
needed to show who it was (--attribution). Your checkout, index, refs and configuration are never touched;
builds are kept in $KABICHECK_CACHE (~/.cache/kabicheck), so that the next check compiles only what differs.

  kabicheck check                              HEAD against its merge base with the upstream branch
  kabicheck check --base v6.18 lib/ net/core/  only what these folders export
  kabicheck check -o text -o junit:report.xml  the report, and a JUnit file beside it
  kabicheck check --staged                     what is staged against HEAD, for a pre-commit hook
  kabicheck check --push --base ID             what a branch has against what the remote has of it

TARGET is a folder (lib/) or an object (lib/kobject.o); without one, everything that the configuration
builds is compared. The base is the merge base of --base and --head, so a branch name works as it does in
a merge request. Where both are the same commit nothing was compared, which is status 2 unless --allow-same
says that it is meant.

Options can be kept in kabicheck.toml at the root of the tree; the command line wins over it. It is the file
of your working tree that counts, committed or not, whatever --head is; in a bare repository that of head."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import print_lines, warn, write_report
from kabicheck.commands.options.building import (
    add_attribution_arguments,
    add_build_arguments,
    add_commit_objects_argument,
    add_repository_arguments,
    require_numbers,
)
from kabicheck.commands.options.output import add_output_arguments, detail_of
from kabicheck.commands.options.policy import add_policy_arguments, judged, rulebook_of
from kabicheck.errors import UsageError
from kabicheck.pipeline.session import open_kept

if TYPE_CHECKING:
    import argparse

    from kabicheck.commands.options.policy import Rulebook
    from kabicheck.compare.causes import Detail
    from kabicheck.index.index import Index
    from kabicheck.model import Comparison, Report, Suggestions
    from kabicheck.objects.store import Store
    from kabicheck.pipeline.settings import Settings
    from kabicheck.pipeline.sides import Sides
    from kabicheck.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = (
        "exit status: 0 no exported symbol changed; 1 some did; 2 the question could not be answered. "
        "pre-commit's PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF are the defaults of --base and --head, "
        "with --staged as well."
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="folder or object to build and compare")
    add_repository_arguments(parser)
    parser.add_argument(
        "--base",
        metavar="REF",
        help="compare with the merge base of REF and head (the upstream branch, origin/HEAD, main or master)",
    )
    parser.add_argument(
        "--head",
        metavar="REF",
        help="what is checked (HEAD)",
    )
    parser.add_argument(
        "--staged",
        action="store_true",
        help="check what is staged: against HEAD, or with --base REF against that commit itself; only objects that the "
        "staged files reach are built",
    )
    parser.add_argument(
        "--amend",
        action="store_true",
        help="with --staged: HEAD is replaced, so that what is as HEAD's parent has it does not count (known where "
        "git commit --amend runs the hook)",
    )
    parser.add_argument(
        "--push",
        action="store_true",
        help="compare as a hook does before a push: --base is what the remote has, and is compared itself, not a merge "
        "base; what no build reads passes at once",
    )
    parser.add_argument(
        "--remote",
        metavar="NAME",
        help="with --push and without --base: a new branch of this remote, compared with where it left what the "
        "remote is known to have",
    )
    parser.add_argument(
        "--allow-same",
        action="store_true",
        help="base and head may be the same commit, so that nothing can differ",
    )
    add_build_arguments(parser, "head's objects")
    ready = parser.add_argument_group("ready-made objects instead of a build")
    for side in ("base", "head"):
        ready.add_argument(
            f"--{side}-objects",
            metavar="PATH",
            type=Path,
            help=f"folder or tar archive with the output of {side}'s build",
        )
    add_commit_objects_argument(ready)
    add_attribution_arguments(parser.add_argument_group("who changed it"))
    parser.add_argument(
        "--suggest",
        action="store_true",
        help="print kABI rules that keep the versions behind the report, as `kabicheck suggest` does",
    )
    add_policy_arguments(parser)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Build, compare, report."""
    from kabicheck.commands.compare import exit_status
    from kabicheck.commands.options.hook import asked
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.last_report import keep_report
    from kabicheck.pipeline.settings import settings_of
    from kabicheck.pipeline.sides import gather
    from kabicheck.pipeline.staged import gather_staged
    from kabicheck.report.suggestions import suggestion_lines

    require_numbers(args)
    question = asked(args, os.environ)
    if args.staged and args.push:
        raise UsageError("--staged and --push: one or the other")
    if args.remote and not args.push:
        raise UsageError("--remote is for --push", hint="--base names what to compare with")
    args.base, args.head = question.base, question.head or "HEAD"
    with open_kept(args, warn) as (store, index):
        settings = settings_of(args, store)
        rulebook = rulebook_of(args, settings.configuration)
        outputs = settings.outputs
        with shown_progress() as progress:
            choose = gather_staged if question.staged else gather
            sides = choose(args, question, settings.check, store, progress)
            if sides.unattributed:  # in no commit that could be named
                settings = replace(settings, check=replace(settings.check, attribution="off"))
            found, seconds, suggested = _compared(
                args, settings, sides, detail_of(args, outputs), index=index, progress=progress
            )
            comparison = judged(found, rulebook, sides.commit_ids)
            if comparison.failed and question.staged:
                kept = _without_taken_back(
                    args,
                    settings,
                    found,
                    comparison,
                    rulebook=rulebook,
                    store=store,
                    index=index,
                    progress=progress,
                )
                comparison = judged(kept, rulebook)
        report = _report(args, sides, comparison, seconds)
        write_report(report, outputs, args.color)
        if not args.no_cache:
            keep_report(report, warn, args.repository)
        if suggested:
            print_lines(["", *suggestion_lines(suggested)], behind=outputs)
    return exit_status(report)


def _compared(
    args: argparse.Namespace,
    settings: Settings,
    sides: Sides,
    detail: Detail,
    *,
    index: Index | None,
    progress: Progress,
) -> tuple[Comparison, float, Suggestions | None]:
    """Compare both sides, look for what keeps the ABI, and for who changed it.

    Returns the comparison, the seconds that comparing took, and what is printed behind the report.
    """
    from kabicheck.pipeline.attribution.culprit_search import with_culprits
    from kabicheck.pipeline.attribution.observer import CommitObserver
    from kabicheck.pipeline.objects import compare_builds
    from kabicheck.pipeline.remedies import MOST_SECONDS, ObjectWorkshop, with_remedies
    from kabicheck.pipeline.request import AttributionOptions, ReadOptions
    from kabicheck.pipeline.suggestions import suggest

    check, kabi = settings.check, settings.kabi
    stable = check.stable or bool(kabi)
    started = time.perf_counter()
    progress(f"comparing {len(sides.new.objects)} objects")
    comparison = compare_builds(
        sides.old,
        sides.new,
        check.jobs,
        stable=stable,
        kabi=kabi,
        index=index,
        detail=detail,
        behind=True,
    )
    seconds = time.perf_counter() - started
    workshop = partial(ObjectWorkshop, sides.old, sides.new, check.jobs, rules=kabi, index=index)
    comparison = with_remedies(comparison, workshop(seconds=MOST_SECONDS), stable=stable)
    suggested = suggest(workshop()) if args.suggest else None
    reading = ReadOptions(stable, kabi)
    observer = CommitObserver(sides.range.fetch, index, reading) if sides.range else None
    options = AttributionOptions(check.attribution, check.max_builds, folded=not args.verbose)
    comparison = with_culprits(comparison, sides, observer, options, progress)
    return comparison, seconds, suggested


def _without_taken_back(
    args: argparse.Namespace,
    settings: Settings,
    found: Comparison,
    under_policy: Comparison,
    *,
    rulebook: Rulebook,
    store: Store,
    index: Index | None,
    progress: Progress,
) -> Comparison:
    """What is staged compared with HEAD; where HEAD is amended, what its parent has as well is excused."""
    from kabicheck.commands.options.hook import is_amending
    from kabicheck.pipeline.amended import excused
    from kabicheck.pipeline.objects import compare_builds
    from kabicheck.pipeline.staged import gather_amended

    check, kabi = settings.check, settings.kabi
    sides = gather_amended(args, check, store, progress) if args.amend or is_amending() else None
    if sides is None:
        return found
    stable = check.stable or bool(kabi)
    since = compare_builds(sides.old, sides.new, check.jobs, stable=stable, kabi=kabi, index=index)
    return excused(found, under_policy, judged(since, rulebook), sides.base.label)


def _report(args: argparse.Namespace, sides: Sides, comparison: Comparison, seconds: float) -> Report:
    from kabicheck.model import Report

    toolchain = comparison.toolchain
    objects = len(sides.old.objects) + len(sides.new.objects)
    compiled = sides.old.built + sides.new.built
    return Report(
        base=sides.base,
        head=sides.head,
        comparison=comparison,
        commits=len(sides.commit_ids),
        machine=toolchain.machine if toolchain else "",
        compiler=toolchain.producer if toolchain else "",
        built=compiled,
        cached=objects if not compiled else 0,
        seconds=seconds,
        notes=(*sides.notes, *comparison.notes),
        failed=comparison.failed,
        verbose=args.verbose,
        attribution=comparison.attribution,
    )
