"""The `--kabi` option of every command that calculates versions, and what is said of the rules that it names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Sequence

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


def rule_notes(rules: Sequence[KabiRule], used: Collection[KabiRule]) -> tuple[str, ...]:
    """What a report says of the rules outside the source."""
    if not rules:
        return ()
    applied = sum(rule in used for rule in rules)
    number = f"{applied:,}" if applied == len(rules) else f"{applied:,} of {len(rules):,}"
    are = "kABI rule is" if len(rules) == 1 else "kABI rules are"
    return f"{number} {are} applied from outside the source", *unused(rules, used)


def unused(rules: Sequence[KabiRule], used: Collection[KabiRule]) -> tuple[str, ...]:
    """A sentence for each rule that nothing was found for."""
    return tuple(f"{rule}: applies to nothing" for rule in rules if rule not in used)
