"""What commands print and write: reports, lines and warnings, to the standard output, the error output or files."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, EXIT_FINDINGS, UsageError
from kabicheck.pipeline.destinations import require_place
from kabicheck.pipeline.rule_texts import rule_texts
from kabicheck.places import write_below
from kabicheck.plain_text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kabicheck.model import Report
    from kabicheck.report import Output

STYLES = {
    "header": "dim",
    "note": "yellow",
    "title": "bold",
    "old": "red",
    "new": "green",
    "failed": "bold red",
    "ok": "bold green",
}


def write_report(report: Report, outputs: Sequence[Output], color: str = "never") -> None:
    """Write every document. A file is replaced as a whole or not at all.

    color: "auto", "always" or "never". Raises UsageError for what cannot be written.
    """
    report = replace(report, rules=rule_texts(report.comparison))
    for output in outputs:
        if output.path is not None and output.root is not None:
            name = output.path.relative_to(output.root)
            write_below(output.root, str(name), output.document(report).encode())
        elif output.path is not None:
            write_file(output.path, output.document(report).encode())
        else:
            _write_standard_output(output, report, color)


def print_lines(lines: Iterable[str], behind: Sequence[Output] = ()) -> None:
    """Write lines to the standard output, whatever its encoding. Where they would spoil a document, the error output.

    behind: The documents that were written before. Raises UsageError where the output cannot be written.
    """
    document = "".join(f"{line}\n" for line in lines)
    if any(output.path is None and output.format != "text" for output in behind):
        sys.stderr.write(document)
    elif document:
        with _standard_output():
            _print(document)


def warn(sentence: str) -> None:
    """Print a warning to the error output. Names in the sentence may be the input's."""
    print(f"kabicheck: warning: {printable(sentence)}", file=sys.stderr)


def _write_standard_output(output: Output, report: Report, color: str) -> None:
    with _standard_output():
        lines = output.lines(report) if _coloured(color) else None
        if lines is None:
            _print(output.document(report))
        else:
            _print_coloured(lines)


@contextmanager
def _standard_output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UsageError(f"the standard output cannot be written: {error.strerror}") from error


def _coloured(color: str) -> bool:
    if color == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return color == "always"


def _print_coloured(lines: Iterable[tuple[str, str]]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, force_terminal=True, color_system="standard", soft_wrap=True)
    for role, line in lines:
        console.print(Text(line, STYLES.get(role, "")))


def _print(document: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    sys.stdout.write(document.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()


def write_file(path: Path, data: bytes) -> None:
    """Replace a file that a person named as a whole or not at all. Raises UsageError; see `require_place`, too."""
    require_place(path)
    replace_file(path, data)


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file, wherever it is, as a whole or not at all. Raises UsageError."""
    from kabicheck.cache import write_atomically

    try:
        if path.exists() and not path.is_file():
            # A pipe or /dev/stdout cannot be replaced.
            path.write_bytes(data)
            return
        target = path.resolve()
        write_atomically(target, data)
        umask = os.umask(0)
        os.umask(umask)
        target.chmod(0o666 & ~umask)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error


def exit_status(report: Report) -> int:
    """2 where an export could not be looked at, else 1 where it fails."""
    from kabicheck.compare.failing import unanswered

    if unanswered(report.comparison):
        return EXIT_CANNOT_TELL
    return EXIT_FINDINGS if report.failed else EXIT_CLEAN
