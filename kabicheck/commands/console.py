"""The `-o` option of every command that reports, and writing the documents: the standard output or files."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.places import require_outside_git, write_below
from kabicheck.report import EMITTERS, WITH_PATHS, Output, parse_outputs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kabicheck.compare.causes import Detail
    from kabicheck.model import Comparison, Report, RuleText

STYLES = {
    "header": "dim",
    "note": "yellow",
    "title": "bold",
    "old": "red",
    "new": "green",
    "failed": "bold red",
    "ok": "bold green",
}


def add_output_arguments(parser: argparse.ArgumentParser) -> None:
    """-o, --color, and how much a report says."""
    formats = "; ".join(f"{name} is {what}" for name, what in EMITTERS.items())
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FORMAT[:FILE]",
        help=f"write a report; may be repeated; text to the standard output by default ({formats})",
    )
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="colour what people read: on a terminal unless NO_COLOR is set (auto), always or never",
    )
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="show every line of a declaration, and the types that only follow one that they contain",
    )
    parser.add_argument(
        "--paths",
        action="store_true",
        help=f"say of each cause how the nearest export reaches it ({' and '.join(sorted(WITH_PATHS))} always do)",
    )


def detail_of(args: argparse.Namespace, outputs: Iterable[Output]) -> Detail:
    """How much is to be said of a cause."""
    from kabicheck.compare.causes import Detail

    paths = args.paths or any(output.format in WITH_PATHS for output in outputs)
    return Detail(verbose=args.verbose, paths=paths)


def outputs_of(args: argparse.Namespace) -> list[Output]:
    """The outputs asked for; call it before any work is done. Raises UsageError."""
    outputs = parse_outputs(args.output)
    require_places(outputs)
    return outputs


def require_places(outputs: Iterable[Output]) -> None:
    """Raise UsageError for a report where none is written."""
    for output in outputs:
        if output.path is not None and output.root is None:
            require_place(output.path)


def require_place(path: Path) -> None:
    """Raise UsageError for a file in a git folder, or behind a link that a branch brings along.

    A person may name any other place, but who wrote the commit must not lead that elsewhere.
    """
    require_outside_git(path)
    absolute = path.absolute()
    for each in (absolute, *absolute.parents):
        if each.is_symlink():
            from kabicheck.vcs.repository import Repository

            repository = Repository.find(each.parent)
            if repository and repository.source and repository.tracked_below(each):
                raise UsageError(
                    f"{path}: {each} is a symbolic link that git tracks, so that a branch decides where it leads",
                    hint="give the path that is meant",
                )


def write_report(report: Report, outputs: Sequence[Output], color: str = "never") -> None:
    """Write every document: files are replaced as a whole or not at all. Raises UsageError."""
    report = replace(report, rules=rule_texts(report.comparison))
    for output in outputs:
        if output.path is not None and output.root is not None:
            name = output.path.relative_to(output.root)
            write_below(output.root, str(name), output.document(report).encode())
        elif output.path is not None:
            write_file(output.path, output.document(report).encode())
        else:
            _write_standard_output(output, report, color)


def rule_texts(comparison: Comparison) -> tuple[RuleText, ...]:
    """What the rules mean that found something."""
    lists = [each.findings for each in comparison.causes.values()]
    lists += [each.findings for each in comparison.changes]
    lists += [each.findings for each in comparison.hidden]
    ids = dict.fromkeys(finding.rule for findings in lists for finding in findings)
    if not ids:
        return ()
    from kabicheck.compare.rules.table import RULES
    from kabicheck.model import RuleText

    return tuple(RuleText(rule, RULES[rule].severity, RULES[rule].text) for rule in ids if rule in RULES)


def print_lines(lines: Iterable[str], behind: Sequence[Output] = ()) -> None:
    """Write lines to the standard output, whatever its encoding; to the error output where they would spoil a document.

    behind: what was written before. Raises UsageError.
    """
    document = "".join(f"{line}\n" for line in lines)
    if any(output.path is None and output.format != "text" for output in behind):
        sys.stderr.write(document)
    elif document:
        with _standard_output():
            _print(document)


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
