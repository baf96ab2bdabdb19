"""Which step of a chain wrote lines of a file, and which one took them away.

Line numbers are followed through the differences of those steps alone that touch the file, from head towards base or
the other way, so that the cost is bounded by the chain, whatever history lies before it. Renamed files are followed
as `Step.touched` names them. A merge that brought the lines is looked into: the commit of its side is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pygit2
from pygit2.enums import DiffOption

from kabicheck.errors import RepositoryError
from kabicheck.model import DiffLine, Hunk

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from kabicheck.model import Commit, Step, Touch
    from kabicheck.vcs.history import History

# A larger file counts as changed as a whole.
MOST_BYTES = 4 << 20
# Merges within the sides of merges; deeper ones stand for all that they brought.
MOST_MERGES = 10

CONTEXT = 3
# A longer hunk is cut to the lines that were asked for, and what is around them; no hunk is longer than that.
LONGEST_HUNK = 60
LONGEST_LINE = 400


@dataclass(frozen=True, slots=True)
class Origin:
    """The step that wrote a line, or removed it.

    step: A step of the chain, or of a side of a merge.
    path: The file that has the line, in the step's commit, or for a removed line in its parent.
    line: The number of the line in that file, from 1.
    merges: The merges through which the step came into the chain, the outermost first. A step of the chain has none.
    """

    step: Step
    path: str
    line: int
    merges: tuple[Step, ...] = ()


class Change(NamedTuple):
    """Lines of one side that stand for lines of the other.

    old: The number of the first line on the old side, from 1.
    old_count: The number of lines on the old side, which may be 0.
    new: The number of the first line on the new side, from 1.
    new_count: The number of lines on the new side, which may be 0.
    """

    old: int
    old_count: int
    new: int
    new_count: int


@dataclass(frozen=True, slots=True)
class FollowedLines:
    """Lines of a file followed along a chain to its other end.

    ended: Line → the step in which it begins or ends, so that the other end does not have it.
    surviving: Line → its number at the other end.
    path: The name of the file at the other end.
    """

    ended: dict[int, Origin]
    surviving: dict[int, int]
    path: str


class Blame:
    """Who wrote and who removed lines of files, along the chains of a repository."""

    def __init__(
        self, git: pygit2.Repository, history: History, explained: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """explained: Gives a context that turns libgit2's errors into ours."""
        self._git = git
        self._history = history
        self._explained = explained
        # What a step makes of a file is what the next one begins with.
        self._blob = lru_cache(maxsize=2)(self._read_blob)
        self._known_changes: dict[tuple[str, str, str], list[Change] | None] = {}

    def blame(self, chain: Sequence[Step], path: str, lines: Collection[int]) -> dict[int, Origin | None]:
        """Who wrote lines of a file at the chain's end, None for a line that is older than the chain.

        Lines that the file does not have are missing in the answer, and all of them where the commit has no such file.
        """
        if not chain:
            return dict.fromkeys(lines)
        with self._explained():
            known = self._known(chain[-1].commit, path, lines)
            return dict.fromkeys(known) | self._written(chain, path, known, ())

    def removed(self, chain: Sequence[Step], path: str, lines: Collection[int]) -> dict[int, Origin | None]:
        """Who removed or changed lines of a file at the chain's start, None for a line that is still there at its end.

        Lines that the file does not have are missing in the answer, and all of them where the commit has no such file.
        """
        if not chain:
            return dict.fromkeys(lines)
        with self._explained():
            known = self._known(chain[0].parent, path, lines)
            return dict.fromkeys(known) | self._removed(chain, path, known, ())

    def hunks(
        self, step: Step, path: str, new: Collection[int] = (), old: Collection[int] = ()
    ) -> tuple[Hunk, ...]:
        """The parts of a step's own diff of a file that wrote some lines of the new side, or removed some of the old.

        Each hunk has three lines of context. There are none for a file that is binary, too large, or not touched.

        path: The file's name in the step's commit, or in its parent.
        new: Numbers of lines in the step's commit, a set or a range, since each line of the diff is looked up.
        old: Numbers of lines in its parent, in the same way.
        """
        touch = _touching(step, path)
        if touch is None:
            return ()
        with self._explained():
            old_blob, new_blob = self._blobs(step, touch)
            patch = _patch(old_blob, new_blob, context=CONTEXT)
            if patch is None:
                return ()
            return tuple(
                Hunk(touch.path, *part, touch.old_path)
                for hunk in patch.hunks
                for part in _parts(hunk, new, old)
            )

    def _written(
        self, chain: Sequence[Step], path: str, lines: Iterable[int], merges: tuple[Step, ...]
    ) -> dict[int, Origin]:
        followed = self._follow(chain, path, lines, back=True)
        return {
            line: self._written_in_side(origin, merges) or replace(origin, merges=merges)
            for line, origin in followed.ended.items()
        }

    def _written_in_side(self, origin: Origin, merges: tuple[Step, ...]) -> Origin | None:
        """Who wrote a line in what a merge brought; None where it is no merge, or the merge wrote it itself."""
        for side in self._sides(origin.step, merges):
            join = self._history.step(side[-1].commit, origin.step.commit)
            on_side = self._follow((join,), origin.path, (origin.line,), back=True)
            for line in on_side.surviving.values():
                within = (*merges, origin.step)
                found = self._written(side, on_side.path, (line,), within).get(line)
                if found:
                    return found
        return None

    def _removed(
        self, chain: Sequence[Step], path: str, lines: Iterable[int], merges: tuple[Step, ...]
    ) -> dict[int, Origin]:
        followed = self._follow(chain, path, lines, back=False)
        return {
            line: self._removed_in_side(origin, merges) or replace(origin, merges=merges)
            for line, origin in followed.ended.items()
        }

    def _removed_in_side(self, origin: Origin, merges: tuple[Step, ...]) -> Origin | None:
        """Who removed a line in what a merge brought; None where it is no merge, or the merge did that itself."""
        for side in self._sides(origin.step, merges):
            since = self._history.step(side[0].parent, origin.step.parent)
            at_fork = self._follow((since,), origin.path, (origin.line,), back=True)
            for line in at_fork.surviving.values():
                within = (*merges, origin.step)
                found = self._removed(side, at_fork.path, (line,), within).get(line)
                if found:
                    return found
        return None

    def _sides(self, step: Step, merges: tuple[Step, ...]) -> tuple[tuple[Step, ...], ...]:
        if len(merges) >= MOST_MERGES:
            return ()
        try:
            return self._history.sides(step)
        except RepositoryError:  # a shallow clone: the merge itself is as far as can be told
            return ()

    def _follow(self, chain: Sequence[Step], path: str, lines: Iterable[int], *, back: bool) -> FollowedLines:
        """Follow lines of a file along a chain. back: From its end to its start, else from its start to its end."""
        surviving = {line: line for line in lines}
        ended: dict[int, Origin] = {}
        for step in reversed(chain) if back else chain:
            if not surviving:
                break
            touch = _touch_of_new(step, path) if back else _touch_of_old(step, path)
            if touch is None:
                continue
            changes = self._changes(step, touch)
            if changes is not None and back:
                changes = [
                    Change(change.new, change.new_count, change.old, change.old_count) for change in changes
                ]
            for line, here in list(surviving.items()):
                moved = None if changes is None else _moved(here, changes)
                if moved is None:
                    ended[line] = Origin(step, path, here)
                    del surviving[line]
                else:
                    surviving[line] = moved
            path = (touch.old_path or path) if back else touch.path
        return FollowedLines(ended, surviving, path)

    def _changes(self, step: Step, touch: Touch) -> list[Change] | None:
        """What a step changed in a file, None for all of it."""
        key = step.parent.id, step.commit.id, touch.path
        if key not in self._known_changes:
            self._known_changes[key] = self._read_changes(step, touch)
        return self._known_changes[key]

    def _read_changes(self, step: Step, touch: Touch) -> list[Change] | None:
        old, new = self._blobs(step, touch)
        if old is None or new is None:
            return None
        patch = _patch(old, new, context=0)
        if patch is None:
            return [] if old.id == new.id else None
        return [
            Change(hunk.old_start, hunk.old_lines, hunk.new_start, hunk.new_lines) for hunk in patch.hunks
        ]

    def _blobs(self, step: Step, touch: Touch) -> tuple[pygit2.Blob | None, pygit2.Blob | None]:
        """The file on both sides of a step, None on a side that does not have it."""
        old = self._blob(step.parent.tree, touch.old_path or touch.path)
        return old, self._blob(step.commit.tree, touch.path)

    def _read_blob(self, tree_id: str, path: str) -> pygit2.Blob | None:
        tree = self._git[pygit2.Oid(hex=tree_id)].peel(pygit2.Tree)
        try:
            entry = tree[path]
        except (KeyError, ValueError):
            return None
        return entry if isinstance(entry, pygit2.Blob) else None

    def _known(self, commit: Commit, path: str, lines: Iterable[int]) -> list[int]:
        """Those lines that a file has."""
        blob = self._blob(commit.tree, path)
        if blob is None:
            return []
        count = blob.data.count(b"\n") + bool(blob.data.rpartition(b"\n")[2])
        return [line for line in lines if 1 <= line <= count]


def _touching(step: Step, path: str) -> Touch | None:
    """What a step did to the file of a name, be it the new or the former one."""
    return _touch_of_new(step, path) or _touch_of_old(step, path)


def _touch_of_new(step: Step, path: str) -> Touch | None:
    """What a step did to a file that its commit has."""
    return next((touch for touch in step.touched if touch.path == path and touch.status != "D"), None)


def _touch_of_old(step: Step, path: str) -> Touch | None:
    """What a step did to a file that its parent has."""
    touches = (touch for touch in step.touched if touch.status != "A")
    return next((touch for touch in touches if (touch.old_path or touch.path) == path), None)


def _patch(old: pygit2.Blob | None, new: pygit2.Blob | None, context: int) -> pygit2.Patch | None:
    """The difference of two files; None where they are not text, or too large.

    Its lines point into the blobs (libgit2 copies nothing, pygit2 keeps nothing), which have to outlive it.
    """
    if any(blob is not None and (blob.size > MOST_BYTES or blob.is_binary) for blob in (old, new)):
        return None
    # git's own blame and diff have this heuristic on, too.
    return pygit2.Patch.create_from(old, new, flag=DiffOption.INDENT_HEURISTIC, context_lines=context)


def _moved(line: int, changes: Iterable[Change]) -> int | None:
    """The number of a line behind changes, which are in order; None where it is in one of them."""
    shift = 0
    for change in changes:
        # Where a change has no lines on a side, its start is the line in front of it.
        first = change.old if change.old_count else change.old + 1
        if line < first:
            break
        if line < first + change.old_count:
            return None
        shift += change.new_count - change.old_count
    return line + shift


# The first line on the old side, the first one on the new side, and the lines.
Part = tuple[int, int, tuple[DiffLine, ...]]


def _parts(hunk: pygit2.DiffHunk, new: Collection[int], old: Collection[int]) -> Iterator[Part]:
    """What is to be shown of a hunk: its start on both sides and its lines; nothing where it meets no wanted line."""
    # Other marks say that a line break is missing at the end of the file.
    lines = [line for line in hunk.lines if line.origin in " +-"]
    met = [
        number
        for number, line in enumerate(lines)
        if (line.origin == "+" and line.new_lineno in new) or (line.origin == "-" and line.old_lineno in old)
    ]
    for start, stop in _windows(met, len(lines)):
        skipped = [line.origin for line in lines[:start]]
        yield (
            hunk.old_start + len(skipped) - skipped.count("+"),
            hunk.new_start + len(skipped) - skipped.count("-"),
            tuple(DiffLine(line.origin, _text(line.raw_content)) for line in lines[start:stop]),
        )


def _windows(met: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """All of a short hunk; of a long one what is around the lines that were met."""
    if met and count <= LONGEST_HUNK:
        yield 0, count
        return
    stop = 0
    for number in met:
        if number < stop:
            continue
        last = max(each for each in met if each < number + LONGEST_HUNK - 2 * CONTEXT)
        start, stop = max(number - CONTEXT, stop), min(last + CONTEXT + 1, count)
        yield start, stop


def _text(content: bytes) -> str:
    text = content[: 4 * LONGEST_LINE].decode(errors="replace").rstrip("\r\n")
    return text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"
