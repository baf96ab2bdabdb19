"""The build folder while it is at one commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.objects.make import Make


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay at one commit.

    make: How make is called there.
    log: Where its output goes.
    name: The commit's abbreviated id, or that of a tree that is not committed.
    what: The commit for people, with its subject.
    config: The text of its `.config`.
    started: When it began, in nanoseconds since 1970, by the clock of the file system.
    """

    make: Make
    log: Path
    name: str
    what: str
    config: str
    started: int

    @property
    def build(self) -> Path:
        """The build folder."""
        return self.make.build

    @property
    def source(self) -> Path:
        """The source tree."""
        return self.make.source

    def run(self, *goals: str, rules: Path | None = None, keep_going: bool = False) -> None:
        """Make goals. Raises BuildError."""
        doing = f"building commit {self.what}"
        if goals:
            self.make.run(*goals, log=self.log, doing=doing, rules=rules, keep_going=keep_going)

    def made(self, path: str) -> bool:
        """Whether a file of the build folder was made during this visit."""
        file = self.build / path
        return file.is_file() and file.stat().st_mtime_ns >= self.started
