"""What a search showed, as `git bisect log` has it and `git bisect replay` reads it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.plain_text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kabicheck.model import Commit


@dataclass(frozen=True, slots=True)
class ShownChange:
    """What a search showed of one change of an export.

    candidates: The commit that changed it, or several of which one did.
    good: The commits that the search started from. Where these are several merge bases, git knows no commit of ours
        that joins them.
    commits: All commits behind these, the oldest first, the bad one last.
    unchanged: The commits that were looked at at which the export is as it is at the good ones.
    unbuildable: The ids of commits that could not be built.
    """

    candidates: Sequence[Commit]
    good: Sequence[Commit]
    commits: Sequence[Commit]
    unchanged: Collection[Commit]
    unbuildable: Collection[str]


def bisect_log(shown: ShownChange) -> Iterator[str]:
    """The lines of the log. Bad is what follows the change; good is what comes before it and is as it was."""
    commits = shown.commits
    bad = commits[-1]
    candidates = sorted(shown.candidates, key=commits.index)
    first, last = candidates[0], candidates[-1]
    earlier = commits[: commits.index(first)]  # so that none of them descends from it
    unchanged = [commit for commit in earlier if commit in shown.unchanged]
    known = {commit.id: commit for commit in (*shown.good, *commits)}
    parents = [known[parent] for parent in first.parents[:1] if parent in known]
    yield "git bisect start"
    yield from _mark("bad", bad)
    if last != bad:
        yield from _mark("bad", last)
    for commit in dict.fromkeys((*shown.good, *unchanged, *parents)):
        yield from _mark("good", commit)
    for commit in candidates:
        if commit.id in shown.unbuildable:
            yield from _mark("skip", commit)
    if first == last:
        yield f"# first bad commit: {_words(first)}"


def _mark(word: str, commit: Commit) -> Iterator[str]:
    yield f"# {word}: {_words(commit)}"
    yield f"git bisect {word} {commit.id}"


def _words(commit: Commit) -> str:
    return f"[{commit.id}] {printable(commit.subject)}"
