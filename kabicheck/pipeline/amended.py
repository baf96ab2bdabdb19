"""What an amendment takes back: it need not count that the commit which is replaced had it otherwise.

A hook compares what is staged with HEAD. Where a commit is amended, HEAD is what is replaced; an export that is again
as HEAD's parent has it is not changed by the commit to be.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.failing import failing

if TYPE_CHECKING:
    from kabicheck.model import Comparison


def excused(comparison: Comparison, judged: Comparison, since_parent: Comparison, parent: str) -> Comparison:
    """A comparison with HEAD, under no policy yet, in which what fails is excused where HEAD's parent has it so.

    judged: the same under the policy; since_parent: what is staged compared with HEAD's parent, under the policy;
    parent: how that is called.
    """

    def keys(comparison: Comparison) -> set[tuple[str, str, str]]:
        return {(change.object, change.name, change.kind) for change in failing(comparison)}

    taken_back = keys(judged) - keys(since_parent)
    changes = tuple(
        replace(
            change, fails=False, excuse=f"taken back by the amendment: as in {parent}, the parent of HEAD"
        )
        if (change.object, change.name, change.kind) in taken_back
        else change
        for change in comparison.changes
    )
    return replace(comparison, changes=changes)
