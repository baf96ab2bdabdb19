"""The `--kabi` option of every command that calculates versions, and the rules that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from kabicheck.formats.kabi_rules import KabiRule


def add_kabi_argument(parser: argparse._ActionsContainer, whose: str) -> None:
    """--kabi. whose: the objects that rules are applied to, in the help's words."""
    parser.add_argument(
        "--kabi",
        metavar="FILE",
        type=Path,
        help=f"apply the kABI rules of this file to {whose}; implies --stable",
    )


def rules_of(file: Path | None) -> tuple[KabiRule, ...]:
    """The rules of a file, where one is named. Raises UsageError."""
    from kabicheck.formats.kabi_rules import read_rules

    return read_rules(file) if file else ()
