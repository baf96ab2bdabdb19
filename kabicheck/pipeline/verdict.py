"""Which of the changes that were found count, and whether they fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.model import Comparison
    from kabicheck.pipeline.request import Rulebook


def judged(comparison: Comparison, rulebook: Rulebook, commits: Collection[str] = ()) -> Comparison:
    """A comparison under a policy: what counts, whether it fails, and what should be known of the policy as notes.

    commits: the ids of those between the sides.
    """
    from datetime import datetime

    from kabicheck.policy.apply import judge

    today = datetime.now().astimezone().date()
    untyped = _untyped() if rulebook.policy.allow_unversioned else frozenset()
    return judge(rulebook.policy, comparison, today, lists=rulebook.lists, commits=commits, untyped=untyped)


def _untyped() -> frozenset[str]:
    """Why an export has no version though all that there is was read: its type is in no such file."""
    from kabicheck.symver.linked import UNTYPED
    from kabicheck.symver.object import ASSEMBLY

    return UNTYPED | {ASSEMBLY}
