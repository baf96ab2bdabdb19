"""What a long step tells a terminal: one line that changes, and nothing in a pipe."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from kabicheck.plain_text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """A function that shows what is being done, on standard error, while the block runs."""
    if quiet or not (sys.stderr and sys.stderr.isatty()):  # None where it was closed
        yield lambda _: None
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status("starting") as status:
        # What is done is called as commits and files are.
        yield lambda what: status.update(escape(printable(what)))


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """A function (what is done, how much of it there is) → a function that is told how much more was done.

    Draws bars on standard error where that is a terminal, while the block runs.
    """
    if not (sys.stderr and sys.stderr.isatty()):
        yield lambda _what, _total: lambda _more: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:

        def start(what: str, total: int) -> Callable[[int], None]:
            task = bars.add_task(escape(printable(what)), total=total)
            return lambda more: bars.advance(task, more)

        yield start
