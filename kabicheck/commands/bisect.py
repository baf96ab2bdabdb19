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

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import print_lines, warn, write_file
from kabicheck.commands.options.building import (
    add_build_arguments,
    add_commit_objects_argument,
    add_most_builds_argument,
    add_repository_arguments,
    cache_of,
    given_of,
    require_numbers,
    sources_of,
)
from kabicheck.commands.options.targets import add_target_argument
from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, UsageError
from kabicheck.pipeline.destinations import require_place

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


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
    from kabicheck.api import BisectRequest, Refs, begin_bisect, open_session, settings_of
    from kabicheck.commands.options.output import configured_outputs
    from kabicheck.commands.progress import shown_progress
    from kabicheck.report.bisect import answer_lines, plan_lines

    require_numbers(args)
    symbols = tuple(dict.fromkeys(args.symbols))
    if args.log and len(symbols) > 1:
        raise UsageError("--log: git bisects one question at a time", hint="give one symbol; builds are kept")
    if args.log:
        require_place(args.log)
    refs = Refs(args.base, args.head, same=True)  # which the answers say of each symbol
    sources = sources_of(args)
    with open_session(cache_of(args), warn) as session:
        settings = settings_of(given_of(args, args.base), sources, args.head, session.store)
        configured_outputs(settings.configuration)  # so that wrong ones are refused
        request = BisectRequest(symbols, refs, sources, settings.check, settings.read)
        with shown_progress() as progress, session.showing(progress):
            bisection = begin_bisect(request, session)
        print_lines(plan_lines(bisection.plan))
        if args.dry_run:
            return EXIT_CLEAN
        with shown_progress() as progress, session.showing(progress):
            result = bisection.result()
        print_lines(answer_lines(symbols, result.comparison))
        if args.log:
            _write_log(args.log, result.log)
    return EXIT_CLEAN if all(map(result.is_shown, symbols)) else EXIT_CANNOT_TELL


def _write_log(path: Path, lines: Sequence[str]) -> None:
    if not lines:
        raise UsageError(f"--log {path}: no commit was found")
    write_file(path, "".join(f"{line}\n" for line in lines).encode())
