"""Where two histories have parted: their merge bases, of which criss-cross merges leave more than one.

What either of several merge bases holds, both tips hold. So what a branch has changed is what differs from all of them
together: from their merge, as git's own recursive merges take it for the common ancestor (git-merge(1), "ort"). It is
made in a repository of ours and is the same for everybody: author, date and message are fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode, MergeFavor

from kabicheck.vcs.history import describe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.model import Commit

_NOBODY = pygit2.Signature("kabicheck", "kabicheck", 0, 0)
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Merged:
    """The merge of several commits.

    commit: The merge, a commit in a repository of ours.
    conflicts: The paths at which the first of the commits counts, since they contradict each other.
    """

    commit: Commit
    conflicts: tuple[str, ...] = ()


def merged(ours: pygit2.Repository, bases: Sequence[Commit], tips: Sequence[Commit]) -> Merged:
    """The merge of several merge bases of two tips.

    Where the bases contradict each other, that counts which both tips hold, else what the first base has.

    ours: A repository of ours that borrows the objects of theirs, and gets the merge.
    Raises KeyError or GitError where objects are missing.
    """
    conflicts: dict[str, None] = {}
    whole = pygit2.Oid(hex=bases[0].id)
    for number, base in enumerate(bases[1:], 2):
        other = pygit2.Oid(hex=base.id)
        tree, contradicting = _merged_tree(ours, whole, other, tips)
        conflicts |= dict.fromkeys(contradicting)
        parents = [pygit2.Oid(hex=each.id) for each in bases[:number]]
        whole = ours.create_commit(None, _NOBODY, _NOBODY, "the merge of merge bases", tree, parents)
    commit = describe(ours[whole].peel(pygit2.Commit))
    short = "+".join(base.short for base in bases[:MOST_NAMED]) + "+…" * (len(bases) > MOST_NAMED)
    return Merged(replace(commit, short=short), tuple(conflicts))


def _merged_tree(
    ours: pygit2.Repository, one: pygit2.Oid, other: pygit2.Oid, tips: Sequence[Commit]
) -> tuple[pygit2.Oid, list[str]]:
    """The tree of the merge of two commits, and the paths at which the first one counts."""
    found = ours.merge_commits(one, other)
    contradicting = _conflicts(found)
    if not contradicting:
        return found.write_tree(ours), []
    found = ours.merge_commits(one, other, favor=MergeFavor.OURS)
    first = ours[one].peel(pygit2.Tree)
    for path in _conflicts(found):  # one has the file and the other has not, or each another kind of file
        del found.conflicts[path]
        _put(found, path, _entry(first, path))
    unsettled = []
    trees = [ours[tip.tree].peel(pygit2.Tree) for tip in tips]
    for path in contradicting:
        held, *others = [_entry(tree, path) for tree in trees]
        if all(each == held for each in others):
            _put(found, path, held)
        else:
            unsettled.append(path)
    return found.write_tree(ours), unsettled


def _conflicts(index: pygit2.Index) -> list[str]:
    if index.conflicts is None:
        return []
    return sorted({side.path for sides in index.conflicts for side in sides if side is not None})


def _entry(tree: pygit2.Tree, path: str) -> tuple[pygit2.Oid, int] | None:
    """The id and the mode of a file in a tree."""
    try:
        entry = tree[path]
    except KeyError:
        return None
    return (entry.id, int(entry.filemode)) if isinstance(entry, pygit2.Blob) else None


def _put(index: pygit2.Index, path: str, entry: tuple[pygit2.Oid, int] | None) -> None:
    if entry is not None:
        index.add(pygit2.IndexEntry(path, entry[0], FileMode(entry[1])))
    elif path in index:
        index.remove(path)
