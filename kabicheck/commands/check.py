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
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import exit_status, print_lines, warn, write_report
from kabicheck.commands.options.building import (
    add_attribution_arguments,
    add_build_arguments,
    add_commit_objects_argument,
    add_repository_arguments,
    cache_of,
    given_of,
    require_numbers,
    sources_of,
)
from kabicheck.commands.options.hook import refs_of
from kabicheck.commands.options.output import add_output_arguments, configured_outputs, detail_of
from kabicheck.commands.options.policy import add_policy_arguments, rulebook_of

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = (
        "exit status: 0 no exported symbol changed; 1 some did; 2 the question could not be answered. "
        "pre-commit's PRE_COMMIT_FROM_REF and PRE_COMMIT_TO_REF are the defaults of --base and --head, "
        "with --staged as well."
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="folder or object to build and compare")
    add_repository_arguments(parser)
    _add_refs_arguments(parser)
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


def _add_refs_arguments(parser: argparse.ArgumentParser) -> None:
    """What is compared with what; `hook.refs_of` reads these."""
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


def run(args: argparse.Namespace) -> int:
    """Build, compare, report."""
    from kabicheck.api import CheckRequest, check, open_session, settings_of
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.last_report import keep_report
    from kabicheck.report.suggestions import suggestion_lines

    require_numbers(args)
    refs, sources = refs_of(args, os.environ), sources_of(args)
    with open_session(cache_of(args), warn) as session:
        settings = settings_of(given_of(args, refs.base), sources, refs.head, session.store)
        outputs = configured_outputs(settings.configuration, settings.check)
        rulebook = rulebook_of(args, settings.configuration)
        detail = detail_of(args, outputs)
        request = CheckRequest(
            refs, sources, settings.check, settings.read, rulebook, detail, suggest=args.suggest
        )
        with shown_progress() as progress, session.showing(progress):
            report = check(request, session)
        write_report(report, outputs, args.color)
        if not args.no_cache:
            keep_report(report, warn, args.repository)
        if report.suggestions:
            print_lines(["", *suggestion_lines(report.suggestions)], behind=outputs)
    return exit_status(report)
