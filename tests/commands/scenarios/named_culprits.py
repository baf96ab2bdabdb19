"""The culprits of a report, by the subjects of their commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kabicheck.model import Culprit, Report


def named(culprits: Iterable[Culprit]) -> tuple[str, ...]:
    return tuple(" | ".join(commit.subject for commit in each.commits) for each in culprits)


def culprits_of(report: Report) -> dict[str, tuple[Culprit, ...]]:
    """Cause, or export whose change no cause explains → its culprits."""
    found = {cause.title: cause.culprits for cause in report.comparison.causes.values() if not cause.follows}
    return found | {c.name: c.culprits for c in report.comparison.changes if not c.causes}
