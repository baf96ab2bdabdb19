"""The way from one commit to another, step by step, and what was merged into it.

Git's history is a graph; the search for a commit wants a line. A *chain* is that line: from head down to base by
first parents, leaving them only where they would miss the base. What merges brought in is reached through the *sides*
of their steps, which are chains again.
"""

from __future__ import annotations

import os
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import DeltaStatus, DiffFind, DiffOption, SortMode

from kabicheck.errors import RepositoryError
from kabicheck.model import Commit, Step, Touch
from kabicheck.vcs.trees import differences

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from contextlib import AbstractContextManager

# As many pairs of an added and a deleted file are compared with each other; above that only equal files count as
# renamed, as in git itself (diff.renameLimit, 1000 by 1000).
MOST_PAIRS = 1000 * 1000


class History:
    """Chains of commits in a repository."""

    def __init__(
        self,
        git: pygit2.Repository,
        explained: Callable[[], AbstractContextManager[None]],
        joined: Collection[str] = (),
    ) -> None:
        """What chains are made from.

        explained: Gives a context that turns libgit2's errors into ours.
        joined: Ids of merges of merge bases. A commit that has all that such a merge joins descends from it.
        """
        self._git = git
        self._explained = explained
        self._joined = joined
        self._steps: dict[tuple[str, str], Step] = {}
        self._known_sides: dict[tuple[str, str], tuple[tuple[Step, ...], ...]] = {}

    def chain(self, base: Commit, head: Commit) -> tuple[Step, ...]:
        """The steps from base to head, oldest first; the first one's parent is base. None where both are the same.

        At each commit the way goes to the first of its parents that is base or descends from it. Raises
        RepositoryError where head does not descend from base, or where objects are missing.
        """
        with self._explained():
            down = self._way_down(base, head)
        return tuple(
            self.step(parent, commit) for parent, commit in zip(down[:0:-1], down[-2::-1], strict=True)
        )

    def step(self, parent: Commit, commit: Commit) -> Step:
        """The step between any two commits, as if one were the other's parent."""
        key = parent.id, commit.id
        if key not in self._steps:
            with self._explained():
                self._steps[key] = Step(parent, commit, self._touched(parent, commit))
        return self._steps[key]

    def sides(self, step: Step) -> tuple[tuple[Step, ...], ...]:
        """Of a merge, for each parent but the step's: the chain to it from where it forked off the step's parent.

        None of these commits is one that the step's parent has. Left out is a parent that brought nothing (it is an
        ancestor of the step's parent) or that has no common ancestor with it, so that the merge itself stands for it.
        Raises RepositoryError where a shallow clone does not hold what was merged.
        """
        key = step.parent.id, step.commit.id
        if key not in self._known_sides:
            others = [parent for parent in step.commit.parents if parent != step.parent.id]
            forks = [self._fork(step.parent, other) for other in others]
            self._known_sides[key] = tuple(filter(None, (self.chain(*fork) for fork in forks if fork)))
        return self._known_sides[key]

    def _way_down(self, base: Commit, head: Commit) -> list[Commit]:
        """The commits of a chain from head to base, both included."""
        parents = self._descendants(base, head)
        if head.id != base.id and head.id not in parents:
            shallow = " (the clone is shallow)" if self._git.is_shallow else ""
            raise RepositoryError(
                f"{head.short} does not descend from {base.short}, so there is no way between them" + shallow,
                hint="git fetch --unshallow"
                if self._git.is_shallow
                else "start from their merge base: git merge-base",
            )
        down = [head]
        while down[-1].id != base.id:
            down.append(self._commit(parents[down[-1].id]))
        return down

    def _descendants(self, base: Commit, head: Commit) -> dict[str, str]:
        """Each commit of head's history that descends from base → the first parent of it that does, or is base."""
        joins = base.parents if base.id in self._joined else (base.id,)
        has = {parent: 1 << number for number, parent in enumerate(joins)}  # which of these, as bits
        walker = self._git.walk(pygit2.Oid(hex=head.id), SortMode.TOPOLOGICAL | SortMode.REVERSE)
        walker.hide(pygit2.Oid(hex=base.id))
        found: dict[str, str] = {}
        for commit in walker:
            name, parents = str(commit.id), [str(parent) for parent in commit.parent_ids]
            has[name] = reduce(or_, (has.get(parent, 0) for parent in parents), 0)
            if has[name] + 1 == 1 << len(joins):
                found[name] = next((each for each in parents if each == base.id or each in found), base.id)
        return found

    def _fork(self, commit: Commit, other: str) -> tuple[Commit, Commit] | None:
        """Where `other` left the history of `commit`, the latest of several such places, and `other` itself."""
        with self._explained():
            found = merge_bases(self._git, pygit2.Oid(hex=other), pygit2.Oid(hex=commit.id))
            if found:
                return describe(found[0]), self._commit(other)
            if self._git.is_shallow:
                raise RepositoryError(
                    f"the clone is shallow, and the history of {other[:12]} is cut off in it",
                    hint="git fetch --unshallow",
                )
            return None

    def _commit(self, commit: str) -> Commit:
        return describe(self._git[pygit2.Oid(hex=commit)].peel(pygit2.Commit))

    def _touched(self, parent: Commit, commit: Commit) -> tuple[Touch, ...]:
        """The files that differ between two commits' trees, by name."""
        old, new = (self._git[pygit2.Oid(hex=each.tree)].peel(pygit2.Tree) for each in (parent, commit))
        only_old, only_new = differences(old, new)
        added, deleted = only_new.keys() - only_old.keys(), only_old.keys() - only_new.keys()
        renamed = (
            _renamed(old, new, exact=len(added) * len(deleted) > MOST_PAIRS) if added and deleted else {}
        )
        gone = set(renamed.values())
        return tuple(
            Touch("R", path, renamed[path])
            if path in renamed
            else Touch("A" if path in added else "D" if path in deleted else "M", path)
            for path in sorted(only_old.keys() | only_new.keys())
            if path not in gone
        )


def _renamed(old: pygit2.Tree, new: pygit2.Tree, *, exact: bool) -> dict[str, str]:
    """New name → old name of renamed files, edited ones too unless only `exact` copies count."""
    diff = old.diff_to_tree(new, DiffOption.NORMAL, 0, 0)
    diff.find_similar(DiffFind.FIND_RENAMES | (DiffFind.FIND_EXACT_MATCH_ONLY if exact else 0))
    return {
        os.fsdecode(delta.new_file.raw_path): os.fsdecode(delta.old_file.raw_path)
        for delta in diff.deltas
        if delta.status == DeltaStatus.RENAMED
    }


def merge_bases(git: pygit2.Repository, one: pygit2.Oid, other: pygit2.Oid) -> list[pygit2.Commit]:
    """All best common ancestors of two commits, the newest first, equally old ones by id. Unrelated ones have none.

    As `git merge-base --all` has them; libgit2 gives one of them.
    """
    walker = git.walk(one, SortMode.NONE)
    walker.hide(other)
    parted = {commit.id: commit.parent_ids for commit in walker}
    # Whatever is next to these is the other one's, too, and the best common ancestors are among it.
    common = (
        {parent for parents in parted.values() for parent in parents} - parted.keys() if parted else {one}
    )
    common = {each for each in common if each in git}
    best = [each for each in common if len(common) == 1 or _is_outside(git, each, common - {each})]
    commits = (git[each].peel(pygit2.Commit) for each in best)
    return sorted(commits, key=lambda commit: (-commit.commit_time, str(commit.id)))


def _is_outside(git: pygit2.Repository, commit: pygit2.Oid, others: Iterable[pygit2.Oid]) -> bool:
    """Whether a commit is in the history of none of some others."""
    walker = git.walk(commit, SortMode.NONE)
    for other in others:
        walker.hide(other)
    return next(iter(walker), None) is not None


def describe(commit: pygit2.Commit) -> Commit:
    """A commit as plain data."""
    return Commit(
        id=str(commit.id),
        short=str(commit.short_id),
        subject=commit.message.strip().partition("\n")[0],
        author=commit.author.name,
        email=commit.author.email,
        time=commit.commit_time,
        tree=str(commit.tree_id),
        parents=tuple(str(parent) for parent in commit.parent_ids),
    )
