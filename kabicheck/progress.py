"""What long work tells whoever waits for it: what is being done (`Progress`), and what should be known (`Warn`).

`commands/progress.py` shows the first on a terminal, `commands/console.py` prints the second. A program that calls
the library passes objects of its own, or `SILENT`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

# Is given a sentence for the user, without "warning:" before it. Names in it are the input's, and not made printable.
Warn = Callable[[str], None]

# Is told how much more of something was done.
Advance = Callable[[int], None]


class Progress(Protocol):
    """Is told what is being done. It is called from the thread that does the work, and raises nothing."""

    def __call__(self, what: str) -> None:
        """`what` begins, in a few words; whatever was done before it is over."""

    def counted(self, what: str, total: int) -> Advance:
        """`what` begins, of which there is `total` to do, in any unit; returns what is told how much more was done."""


class Silent:
    """The progress that nobody looks at."""

    def __call__(self, what: str) -> None:
        """Nothing is shown."""

    def counted(self, what: str, total: int) -> Advance:  # noqa: ARG002 (as Progress has it)
        """Nothing is shown, and nothing is counted."""
        return _ignore


def _ignore(_more: int) -> None:
    pass


SILENT = Silent()
