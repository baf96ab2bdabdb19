"""What a search showed, as `git bisect log` has it and `git bisect replay` reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.plain_text import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kabicheck.attribute.question import Question
    from kabicheck.model import Commit, Culprit
    from kabicheck.pipeline.attribution.observer import Observer


def bisect_log(
    culprit: Culprit,
    question: Question,
    observer: Observer,
    good: Commit,
    *,
    bases: Sequence[Commit],
    commits: Sequence[Commit],
    unbuildable: Collection[str],
) -> Iterator[str]:
    """The lines of the log of one change of an export.

    culprit: who did it, or several of whom one did; observer: knows the commits that were looked at; bases: `good`, or
    those that it joins, since git knows no commit of ours; commits: those behind it, oldest first, the bad one last;
    unbuildable: ids. Bad is what follows the change; good is what comes before it and is as it was.
    """
    bad = commits[-1]
    candidates = sorted(culprit.commits, key=commits.index)
    first, last = candidates[0], candidates[-1]
    before = commits[: commits.index(first)]  # so that none of them descends from it
    unchanged = [
        c
        for c in before
        if observer.asked(c) and observer.state(c, question) == observer.state(good, question)
    ]
    known = {c.id: c for c in (*bases, *commits)}
    parents = [known[parent] for parent in first.parents[:1] if parent in known]
    yield "git bisect start"
    yield from _mark("bad", bad)
    if last != bad:
        yield from _mark("bad", last)
    for commit in dict.fromkeys((*bases, *unchanged, *parents)):
        yield from _mark("good", commit)
    for commit in candidates:
        if commit.id in unbuildable:
            yield from _mark("skip", commit)
    if first == last:
        yield f"# first bad commit: {_words(first)}"


def _mark(word: str, commit: Commit) -> Iterator[str]:
    yield f"# {word}: {_words(commit)}"
    yield f"git bisect {word} {commit.id}"


def _words(commit: Commit) -> str:
    return f"[{commit.id}] {printable(commit.subject)}"
