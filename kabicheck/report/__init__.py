"""Reports: one emitter per file, all from the same `Report`.

An emitter is a module with `emit(report) -> str`, which returns the whole document. Adding one is one file
and one row in EMITTERS. It is imported when it is used, since a git hook must start fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from kabicheck.model import Report
    from kabicheck.report.header import Role

# format → what it is, for --help; the module has the format's name.
EMITTERS = {
    "text": "for people",
    "diff": "who changed which line of each declaration, with those commits' own hunks",
    "junit": "JUnit XML, for the test tab of continuous integration",
    "json": "everything, for programs",
    "sarif": "SARIF 2.1.0, for code scanning and editors",
    "github": "annotations of GitHub Actions",
    "gitlab": "GitLab's code quality report",
    "markdown": "a summary of a job or a comment in a merge request",
    "html": "one page to search, print and share",
}

WITH_PATHS = {"sarif", "html"}  # they lead from an export to the cause, whether or not --paths was given


@dataclass(frozen=True, slots=True)
class Output:
    """A document that is asked for, and where it goes.

    format: the name of an emitter.
    path: the file; None for the standard output.
    root: the folder that the path must not leave, by a link neither, where a tree's own file named it; None where a
        person did.
    """

    format: str
    path: Path | None = None
    root: Path | None = None

    def document(self, report: Report) -> str:
        """The report in this format."""
        document: str = self._emitter.emit(report)
        return document

    def lines(self, report: Report) -> Iterator[tuple[Role, str]] | None:
        """The lines of a format that people read, each with what it is; None for other formats."""
        return self._emitter.lines(report) if hasattr(self._emitter, "lines") else None

    @property
    def _emitter(self) -> ModuleType:
        return import_module(f"kabicheck.report.{self.format}")


def parse_output(argument: str) -> Output:
    """`FORMAT[:FILE]` as given to `-o`; `-` and no file mean the standard output. Raises UsageError."""
    name, colon, file = argument.partition(":")
    if name not in EMITTERS:
        raise UsageError(f"no such output format: '{name}'", hint=f"one of: {', '.join(EMITTERS)}")
    if colon and not file:
        raise UsageError(f"no file name after '{argument}'", hint=f"-o {name}:FILE, or -o {name}")
    return Output(name, Path(file) if file and file != "-" else None)


def parse_outputs(arguments: Sequence[str]) -> list[Output]:
    """All `-o` of one run, text on the standard output where there is none. Raises UsageError."""
    outputs = [parse_output(argument) for argument in arguments] or [Output("text")]
    paths = [output.path for output in outputs]
    for path in paths:
        if paths.count(path) > 1:
            where = "the standard output" if path is None else str(path)
            raise UsageError(f"two outputs go to {where}", hint="give each its own: -o FORMAT:FILE")
    return outputs
