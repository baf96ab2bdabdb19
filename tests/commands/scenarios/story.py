"""A branch on the demo's tree, told commit by commit: the tools of scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository

ASYNC_H = "include/linux/async.h"
ASYNC_C = "kernel/async.c"


class Story:
    """A branch that begins at the demo's first commit. Its commits are the same everywhere.

    base: what the check compares with, where the story has a prologue; broken: ids of commits that do not build.
    """

    def __init__(self, demo: DemoRepository) -> None:
        self._demo = demo
        self.git = demo.git
        demo.git("checkout", "--quiet", "--detach", demo.base)
        self.base = demo.base
        self.broken: set[str] = set()
        self._remarks = 0

    def edit(self, subject: str, path: str, *pairs: tuple[str, str]) -> str:
        """Commit a file in which texts, which must be there, are replaced by others."""
        return self.commit(subject, {path: self.replaced(path, *pairs)})

    def commit(self, subject: str, files: dict[str, str | None]) -> str:
        """Commit new texts of files."""
        return self._demo.commit(files, subject)

    def replaced(self, path: str, *pairs: tuple[str, str]) -> str:
        """The text of a file with texts in it replaced."""
        text = self._demo.read(path)
        for old, new in pairs:
            assert old in text, f"{path} has no {old!r}"
            text = text.replace(old, new)
        return text

    def merge(self, subject: str, other: str) -> str:
        """Merge a commit into what is checked out."""
        date = int(self.git("log", "-1", "--format=%ct")) + 60
        self.git("merge", "--quiet", "--no-ff", "--message", subject, other, date=date)
        return self.head

    def remark(self, path: str = ASYNC_H, times: int = 1) -> None:
        """Commit comments at the end of a file: what reads it may change, as far as file names tell, and does not."""
        for _ in range(times):
            self._remarks += 1
            subject = f"Remark {self._remarks}"
            self.commit(subject, {path: f"{self._demo.read(path)}/* {subject} */\n"})

    def begin(self) -> None:
        """What follows is checked; what was committed so far is the base."""
        self.base = self._demo.head

    @property
    def head(self) -> str:
        """What is checked."""
        return self._demo.head


@dataclass(frozen=True)
class Scenario:
    """A story and what is to be said of it.

    title: as the table in docs/attribution.md has it; tell: makes the commits; target: what is built; culprits: cause
    or export → subjects of the commits that changed it, in the order of history, the candidates of "one of" joined by
    " | "; builds: of commits between base and head; merges: those through which the culprits came.
    """

    title: str
    tell: Callable[[Story], None]
    culprits: dict[str, tuple[str, ...]]
    builds: int
    target: str = "kernel/async.o"
    verdict: str = "verified"
    merges: tuple[str, ...] = ()


def bisect_steps(story: Story, culprit: str, folder: Path) -> int:
    """How many commits `git bisect` tests to find a commit, when it is told the truth."""
    git, log = story.git, folder / "tested"
    log.write_text("")
    broken = "|".join(sorted(story.broken)) or "none"
    script = folder / "tell"
    script.write_text(
        f'#!/bin/sh\necho >> "{log}"\ncase $(git rev-parse HEAD) in {broken}) exit 125;; esac\n'
        f"! git merge-base --is-ancestor {culprit} HEAD\n"
    )
    script.chmod(0o755)
    head = story.head
    git("bisect", "start", head, story.base)
    try:
        git("bisect", "run", str(script))
    except RepositoryError:  # only skipped commits are left
        assert story.broken
    git("bisect", "reset", head)
    return len(log.read_text().splitlines())
