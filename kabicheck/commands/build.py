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
from kabicheck.errors import EXIT_CLEAN

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
    from kabicheck.commands.options.output import configured_outputs
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.build import build_commit
    from kabicheck.pipeline.session import open_session
    from kabicheck.pipeline.settings import settings_of
    from kabicheck.plain_text import counted
    from kabicheck.vcs.repository import Repository

    require_numbers(args)
    with open_session(cache_of(args), warn) as session:
        settings = settings_of(given_of(args, None), sources_of(args), "HEAD", session.store)
        configured_outputs(settings.configuration)  # so that wrong ones are refused
        repository = Repository.discover(args.repository)
        commits = [repository.commit(ref) for ref in args.refs]
        for commit in commits:
            with shown_progress() as progress, session.showing(progress):
                built = build_commit(commit, repository, settings.check, session)
            how = f"{built.compiled:,} compiled" if built.compiled else "from cache"
            objects = counted(built.objects, "object")
            print_lines([f"{commit.short}: {objects} with exports ({how}) in {built.seconds:.1f} s"])
    return EXIT_CLEAN
