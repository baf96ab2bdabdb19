"""The log for `git bisect replay`, of commits in a row; `git bisect replay` itself reads one in test_bisect.py."""

from __future__ import annotations

from kabicheck.model import Commit
from kabicheck.pipeline.attribution.bisect_log import ShownChange, bisect_log


def commit(number: int, *parents: int) -> Commit:
    return Commit(
        f"{number:040x}",
        f"c{number}",
        f"Commit {number}\x1b",
        "A",
        "a@x",
        number,
        "",
        tuple(f"{parent:040x}" for parent in parents),
    )


GOOD, *BEHIND = (commit(0), *(commit(number, number - 1) for number in range(1, 7)))


def commands(shown: ShownChange) -> list[str]:
    """What git is told, with short names of commits."""
    return [
        f"{line.split()[2]} {int(line.split()[3], 16)}"
        for line in bisect_log(shown)
        if line.startswith("git bisect ") and line != "git bisect start"
    ]


def test_a_commit_that_is_found() -> None:
    """A commit behind it that is as the good one is, since another one took the change back, is not called good."""
    shown = ShownChange(BEHIND[2:3], [GOOD], BEHIND, unchanged=[BEHIND[0], BEHIND[4]], unbuildable=())
    assert commands(shown) == ["bad 6", "bad 3", "good 0", "good 1", "good 2"]
    assert list(bisect_log(shown))[-1] == f"# first bad commit: [{3:040x}] Commit 3\\x1b"


def test_one_of_several() -> None:
    candidates = (BEHIND[3], BEHIND[1], BEHIND[2])
    shown = ShownChange(candidates, [GOOD], BEHIND, unchanged=(), unbuildable={BEHIND[2].id})
    assert commands(shown) == ["bad 6", "bad 4", "good 0", "good 1", "skip 3"]
    assert not any(line.startswith("# first bad") for line in bisect_log(shown))


def test_merge_bases_are_all_good() -> None:
    """The commit of ours that joins them is unknown to git."""
    others = [GOOD, commit(9)]
    shown = ShownChange(BEHIND[:1], others, BEHIND, unchanged=(), unbuildable=())
    assert commands(shown) == ["bad 6", "bad 1", "good 0", "good 9"]
