"""Workflow commands of GitHub Actions: an annotation for each of the worst results, on its line of a pull request.

A line of a job's log that begins with `::error`, `::warning` or `::notice` becomes one. GitHub shows ten of each level
for a step and drops the others, so only these are written, and the last line says how many there are. What counts is an
error (a warning where the loader alone refuses), what does not a notice. Escaped as GitHub's own toolkit does
(actions/toolkit, packages/core/src/command.ts).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kabicheck.model import Severity
from kabicheck.plain_text import counted, printable
from kabicheck.report.results import results
from kabicheck.report.words import verdict

if TYPE_CHECKING:
    from kabicheck.model import Report
    from kabicheck.report.results import Result

MOST = 10
LONGEST_MESSAGE = 4000


def emit(report: Report) -> str:
    """The commands, and the verdict as a line of the log. No other line can begin with a command."""
    written: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    lines = []
    for result in results(report):
        level = _level(result)
        if written[level] == MOST:
            left_out[level] += 1
            continue
        written[level] += 1
        lines.append(_command(level, result))
    lines.append(verdict(report))
    if left_out:
        more = " and ".join(counted(number, level) for level, number in left_out.items())
        lines.append(f"{more} more: see the job summary (-o markdown)")
    return "".join(f"{line}\n" for line in lines)


def _level(result: Result) -> str:
    if not result.counts:
        return "notice"
    return "warning" if result.severity is Severity.INCOMPATIBLE and result.answered else "error"


def _command(level: str, result: Result) -> str:
    properties = {"title": f"kabicheck: {result.rule}"}
    if result.place:
        properties = {"file": result.place.file, "line": str(result.place.line), **properties}
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    message = "\n".join((result.title, *result.facts))
    return f"::{level} {listed}::{_data(message)}"


def _data(text: str) -> str:
    lines = (printable(line) for line in text[:LONGEST_MESSAGE].split("\n"))
    return "\n".join(lines).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(printable(text)).replace(":", "%3A").replace(",", "%2C")
