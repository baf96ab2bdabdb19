"""The words for who changed something, never more than was shown."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

from kabicheck.model import Verdict
from kabicheck.plain_text import counted, listed, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kabicheck.model import Attribution, Commit, Culprit, DiffLine

LONGEST_SUBJECT = 80
LONGEST_AUTHOR = 40
LONGEST_REASON = 500
# How much of a subject is worth showing at the end of a line.
_SHORTEST_SUBJECT = 16
# Where whatever stands behind the lines of a diff begins at the latest, and how far it goes.
_COLUMN = 64
_WIDTH = 100
# How many commits are named in full that changed one thing one after the other; the others by their ids.
_MOST_CULPRITS = 20
# How many merges are named through which a commit came, and how many commits that cannot be built.
_MOST_MERGES = 5
_MOST_UNBUILDABLE = 10


def commit_words(commit: Commit, *facts: str, longest_subject: int = LONGEST_SUBJECT) -> str:
    """`a1b2c3d async: use bool`, with facts behind it in parentheses: `(AUTHOR, verified)`."""
    words = f"{_short(commit)} {printable(commit.subject, longest_subject)}".rstrip()
    return f"{words} ({', '.join(filter(None, facts))})" if any(facts) else words


def author_words(commit: Commit) -> str:
    """The author's name, of bounded length."""
    return printable(commit.author, LONGEST_AUTHOR)


def date_words(commit: Commit) -> str:
    """The day in UTC, "" for one that no calendar has."""
    try:
        return datetime.fromtimestamp(commit.time, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def culprit_words(culprit: Culprit, *, dated: bool = False, candidates: bool = True) -> str:
    """`a1b2c3d async: use bool (AUTHOR, verified)`, with all that is to be said of how sure that is.

    dated: with the day of the commit; candidates: name the commits of which it is one.
    """
    through = [f"merged by {_short(merge)}" for merge in culprit.merges[:_MOST_MERGES]]
    if _is_single(culprit):
        commit = culprit.commits[0]
        date = date_words(commit) if dated else ""
        who = commit_words(commit, author_words(commit), date, str(culprit.verdict), *through)
    else:
        names = map(commit_words, culprit.commits) if candidates else ()
        who = ", ".join([listed(f"{_name(culprit)}:", names).removesuffix(":"), *through])
    return " · ".join([who, printable(culprit.reason, LONGEST_REASON)] if culprit.reason else [who])


def by_words(culprits: Iterable[Culprit], said: Sequence[str] = (), *, every: bool = False) -> list[str]:
    """`changed by a1b2c3d async: use bool (AUTHOR, verified)` for each culprit, the oldest first.

    said: lines that were shown; a culprit that one of them ends with is left out. every: each in full, and where it
    is one of several each candidate on a line of its own; else from some number on they are named by their ids.
    """
    unsaid = [
        (culprit, words)
        for culprit in culprits
        for words in [culprit_words(culprit, candidates=not (every and len(culprit.commits) > 1))]
        if not any(line.endswith(words) for line in said)
    ]
    most = len(unsaid) if every else _MOST_CULPRITS
    shown = []
    for culprit, words in unsaid[:most]:
        shown.append(f"changed by {words}")
        if every and len(culprit.commits) > 1:
            shown += [f"  {commit_words(commit, author_words(commit))}" for commit in culprit.commits]
    more = ", ".join(_name(culprit) for culprit, _ in unsaid[most:])
    return [*shown, f"changed by {len(unsaid) - most:,} more: {more}"] if more else shown


def margin(
    lines: Sequence[DiffLine], texts: Sequence[str], culprits: Sequence[Culprit], *, full: bool = False
) -> list[str]:
    """The texts of a diff's lines, behind marked ones who changed them, in one column.

    Of lines that follow each other and have the same culprit one has all words that fit, with full also the day, and
    the others with full the commit alone.
    """
    known = dict(enumerate(culprits))
    who = [known.get(line.culprit) if line.culprit is not None else None for line in lines]
    column = min(
        max((len(text) for text, found in zip(texts, who, strict=True) if found), default=0), _COLUMN
    )
    shown = list(texts)
    end = 0
    for culprit, group in groupby(who):
        start, end = end, end + len(list(group))
        if culprit is None:
            continue
        spoken = next((number for number in range(start, end) if lines[number].mark == "+"), start)
        for number in range(start, end) if full else (spoken,):
            code = f"{texts[number]:<{column}}    "
            shown[number] = code + (
                _note(culprit, _WIDTH - len(code), full) if number == spoken else _name(culprit)
            )
    return shown


def _note(culprit: Culprit, columns: int, dated: bool) -> str:
    """What of the words fits into that many columns: the day goes first, then the author, then the subject."""
    if not _is_single(culprit):
        return _name(culprit)
    commit = culprit.commits[0]
    author, date, verdict = author_words(commit), date_words(commit) if dated else "", str(culprit.verdict)
    subject = min(len(commit.subject), _SHORTEST_SUBJECT)
    for facts in ((author, date, verdict), (author, verdict), (verdict,)):
        longest = columns - len(commit_words(commit, *facts, longest_subject=1)) + 1
        if longest >= subject:
            return commit_words(commit, *facts, longest_subject=longest)
    return f"{_name(culprit)} ({verdict})"


def _name(culprit: Culprit) -> str:
    """`a1b2c3d`, `one of 3 commits`."""
    if _is_single(culprit):
        return _short(culprit.commits[0])
    if culprit.verdict is Verdict.ONE_OF:
        return f"one of {counted(len(culprit.commits), 'commit')}"
    return "no commit of this range"


def _is_single(culprit: Culprit) -> bool:
    return bool(culprit.commits) and culprit.verdict in {Verdict.VERIFIED, Verdict.SUSPECTED}


def _short(commit: Commit) -> str:
    return printable(commit.short or commit.id, 40)


def cost_words(attribution: Attribution) -> str:
    """`2 builds for attribution, 7 objects compiled, in 3.1 s`."""
    seconds = f"in {attribution.seconds:.1f} s"
    if attribution.mode == "blame":
        return f"attribution by blame, nothing built for it, {seconds}"
    compiled = counted(attribution.objects, "object") if attribution.objects else "nothing"
    return f"{counted(attribution.builds, 'build')} for attribution, {compiled} compiled, {seconds}"


def unbuildable_words(attribution: Attribution, *, every: bool = False) -> list[str]:
    """A sentence for each commit that could not be built; every: for more than a few, too."""
    failed = attribution.unbuildable
    words = [
        f"could not build {commit_words(commit)} · {printable(why, LONGEST_REASON)}"
        for commit, why in failed[: None if every else _MOST_UNBUILDABLE]
    ]
    more = len(failed) - len(words)
    return [*words, f"could not build {counted(more, 'more commit')}"] if more else words
