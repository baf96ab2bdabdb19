"""Build commits ahead of time, so that what compares with them later need not wait.

  kabicheck build                what `kabicheck check --staged` compares with: HEAD
  kabicheck build origin/main    the base of the branch

Builds as `kabicheck check` does with the same options and the same kabicheck.toml, in a folder of its own, and keeps
the objects that hold exports. A commit that was built before takes no time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.commands.console import print_lines, warn
from kabicheck.commands.options.building import (
    add_build_arguments,
    add_repository_arguments,
    cache_of,
    given_of,
    require_numbers,
    set_nothing_compared,
    sources_of,
)
from kabicheck.commands.options.targets import add_target_argument
from kabicheck.errors import EXIT_CLEAN, NoExports
from kabicheck.pipeline.session import open_session

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.epilog = "exit status: 0 all commits were built; 2 one could not be."
    parser.add_argument("refs", nargs="*", metavar="REF", default=["HEAD"], help="a commit to build (HEAD)")
    add_repository_arguments(parser)
    add_target_argument(parser)
    add_build_arguments(parser, "nothing here, but means --stable")
    set_nothing_compared(parser)


def run(args: argparse.Namespace) -> int:
    """Build one commit after the other."""
    import time

    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.settings import settings_of
    from kabicheck.plain_text import counted
    from kabicheck.vcs.repository import Repository

    require_numbers(args)
    with open_session(cache_of(args), warn) as session:
        check = settings_of(given_of(args, None), sources_of(args), "HEAD", session.store).check
        repository = Repository.discover(args.repository)
        commits = [repository.commit(ref) for ref in args.refs]
        for commit in commits:
            started = time.perf_counter()
            with shown_progress() as progress, session.showing(progress):
                found = session.kbuild(check, repository).objects(commit)
            if not found.objects:
                raise NoExports(
                    commit.short, "nothing that was built exports a symbol", hint="other targets?"
                )
            how = f"{found.built:,} compiled" if found.built else "from cache"
            seconds = time.perf_counter() - started
            print_lines(
                [
                    f"{commit.short}: {counted(len(found.objects), 'object')} with exports ({how}) in {seconds:.1f} s"
                ]
            )
    return EXIT_CLEAN
