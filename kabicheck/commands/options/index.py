"""The options of commands that ask the index of versions: `--no-cache` and `--verify-cache`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from contextlib import AbstractContextManager

    from kabicheck.index.index import Index


def add_index_arguments(parser: argparse._ActionsContainer) -> None:
    """--verify-cache; --no-cache means more or less from command to command, and is the command's own."""
    parser.add_argument(
        "--verify-cache",
        action="store_true",
        help="read every object to see whether it changed, whatever its size and times say",
    )


def index_of(args: argparse.Namespace) -> AbstractContextManager[Index | None]:
    """The index, unless the command line does without. What is wrong with it is printed as a warning."""
    from kabicheck.commands.console import warn
    from kabicheck.pipeline.reading import open_index

    return open_index(warn, no_cache=args.no_cache, verify=args.verify_cache)
