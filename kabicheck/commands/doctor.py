"""Say what a check would lack here, and how to get it: programs, headers, disk space, commits.

  kabicheck doctor          for the tree that the current folder lies in, and its kabicheck.toml
  kabicheck doctor -C DIR   for another; outside of a repository, for any kernel

Each line is `ok`, `missing`, which a check needs, or `hint`, which it does without. Nothing is built, and nothing
of the tree is run.

exit status: 0 all that is needed is there; 2 something is missing"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, UsageError

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument(
        "-C", dest="folder", metavar="DIR", type=Path, default=".", help="the repository, or a folder in it"
    )


def run(args: argparse.Namespace) -> int:
    """Look at everything, and print a line each."""
    from kabicheck.commands.console import print_lines
    from kabicheck.commands.options.output import configured_outputs
    from kabicheck.pipeline.diagnosis import State, examined
    from kabicheck.plain_text import printable

    if not args.folder.is_dir():
        raise UsageError(f"{args.folder}: not a folder")
    signs = list(examined(args.folder, configured_outputs))
    print_lines(printable(f"{sign.state:<8} {sign.sentence}") for sign in signs)
    return EXIT_CANNOT_TELL if any(sign.state is State.MISSING for sign in signs) else EXIT_CLEAN
