"""A policy with what its files say, read before any work is done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.compare.rules.table import RULES
from kabicheck.errors import UsageError
from kabicheck.formats.severities import read_severities
from kabicheck.formats.stablelist import read_stablelist
from kabicheck.pipeline.request import Rulebook
from kabicheck.policy.apply import Lists

if TYPE_CHECKING:
    from kabicheck.config import Configuration
    from kabicheck.policy.policy import Policy


def require_known_rules(configuration: Configuration) -> None:
    """Raise UsageError for a rule that a severity or a waiver of the settings is for, and that there is not."""
    policy = configuration.policy
    for rule, place in (
        *((rule, f"{configuration.name}: [severity]") for rule in policy.grades),
        *((waiver.rule, waiver.place) for waiver in policy.waivers if waiver.rule),
    ):
        if rule not in RULES:
            raise UsageError(f"{place}: there is no rule {rule}", hint="`kabicheck explain` lists them")


def read_rulebook(policy: Policy) -> Rulebook:
    """A policy with what the files say that it names. Raises UsageError, ObjectError."""
    severities = tuple(rule for path in policy.severities for rule in read_severities(path, _shown(path)))
    stable = frozenset().union(*map(read_stablelist, policy.stablelists)) if policy.stablelists else None
    return Rulebook(policy, Lists(severities, stable))


def _shown(path: Path) -> str:
    """How a report names a file: in a tree alike on all machines, wherever they keep it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)
