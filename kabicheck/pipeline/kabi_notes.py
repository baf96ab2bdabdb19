"""What is said of the kABI rules that stand outside the source: how many apply, and which apply to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kabicheck.formats.kabi_rules import KabiRule


def rule_notes(rules: Sequence[KabiRule], used: Collection[KabiRule]) -> tuple[str, ...]:
    """What a report says of the rules outside the source. used: those of them that something was found for."""
    if not rules:
        return ()
    applied = sum(rule in used for rule in rules)
    number = f"{applied:,}" if applied == len(rules) else f"{applied:,} of {len(rules):,}"
    are = "kABI rule is" if len(rules) == 1 else "kABI rules are"
    return f"{number} {are} applied from outside the source", *unused(rules, used)


def unused(rules: Sequence[KabiRule], used: Collection[KabiRule]) -> tuple[str, ...]:
    """A sentence for each rule that nothing was found for."""
    return tuple(f"{rule}: applies to nothing" for rule in rules if rule not in used)
