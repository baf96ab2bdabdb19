"""The `--target` option of commands whose arguments are something else than targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse


def add_target_argument(parser: argparse.ArgumentParser) -> None:
    """--target."""
    parser.add_argument(
        "--target",
        dest="targets",
        action="append",
        default=[],
        metavar="TARGET",
        help="folder (lib/) or object (lib/kobject.o) to build that exports a symbol; repeatable",
    )
