"""What a long step tells a terminal: one line that changes, or bars, and nothing in a pipe."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from kabicheck.plain_text import printable
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console
    from rich.progress import Progress as Bars
    from rich.status import Status

    from kabicheck.progress import Advance, Progress


@contextlib.contextmanager
def shown_progress() -> Iterator[Progress]:
    """Shows on standard error what is being done, while the block runs, where that is a terminal."""
    if not (sys.stderr and sys.stderr.isatty()):  # None where it was closed
        yield SILENT
        return
    from rich.console import Console

    terminal = _Terminal(Console(stderr=True))
    try:
        yield terminal
    finally:
        terminal.clear()


class _Terminal:
    """A `Progress` that draws one line for what is done, or a bar for each thing that is counted."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._line: Status | None = None
        self._bars: Bars | None = None

    def __call__(self, what: str) -> None:
        text = _text(what)
        if self._line is None:
            self.clear()
            self._line = self._console.status(text)
            self._line.start()
        else:
            self._line.update(text)

    def counted(self, what: str, total: int) -> Advance:
        if self._bars is None:
            from rich.progress import Progress as Bars

            self.clear()
            self._bars = Bars(console=self._console, transient=True)
            self._bars.start()
        bars, bar = self._bars, self._bars.add_task(_text(what), total=total)
        return lambda more: bars.advance(bar, more)

    def clear(self) -> None:
        """Take away what is drawn."""
        for drawn in (self._line, self._bars):
            if drawn is not None:
                drawn.stop()
        self._line = self._bars = None


def _text(what: str) -> str:
    """What is done is called as commits and files are, which may be named in rich's markup."""
    from rich.markup import escape

    return escape(printable(what))
