"""Markdown for a job's summary and for a comment in a merge request: the verdict, then a folded block for each result.

GitHub takes 65,536 characters in a comment and a mebibyte in a summary, GitLab a million characters. What does not fit
is told in one line, for which a quarter is kept, then counted. Whatever comes from a file or a commit stands in code,
as a span, an element or a fenced block: nothing in it is markup, a link, or the name of somebody who would be notified.
"""

from __future__ import annotations

import re
from collections import deque
from html import escape
from typing import TYPE_CHECKING

from kabicheck.model import Severity
from kabicheck.plain_text import LONGEST_NAME, counted, printable
from kabicheck.report.culprit_words import margin
from kabicheck.report.header import header
from kabicheck.report.results import results
from kabicheck.report.words import diff_words, verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kabicheck.model import Cause, Report
    from kabicheck.report.results import Result

LONGEST = 65_536
# So that a job finds its own comment and replaces it.
MARKER = "<!-- kabicheck -->"
MOST_HEADER_LINES = 12
LONGEST_DIFF = 8000
LONGEST_FACT = 1000
# What the line that counts the rest needs at most.
_REST = 200

_SIGNS = {Severity.BREAKING: "🔴", Severity.INCOMPATIBLE: "🟠", Severity.HARMLESS: "⚪"}


def emit(report: Report, longest: int = LONGEST) -> str:
    """The whole document, of at most `longest` characters and as many bytes of UTF-8."""
    document = [MARKER, f"### kabicheck: {verdict(report)}", _header(report)]
    found = deque(results(report))
    free = longest - _REST - sum(map(_size, document))
    kept_for_lines = longest // 4
    while found and _size(block := _block(found[0])) <= free - kept_for_lines:
        document.append(block)
        free -= _size(block)
        found.popleft()
    lines: list[str] = []
    while found and _size(line := _line(found[0])) <= free:
        lines.append(line)
        free -= _size(line)
        found.popleft()
    document.append("\n".join(lines))
    if found:
        document.append(f"… and {counted(len(found), 'more result')}, for which there is no room here.")
    return "\n\n".join(filter(None, document)) + "\n"


def _size(block: str) -> int:
    """In bytes, with what stands between two blocks."""
    return len(block.encode()) + 2


def _header(report: Report) -> str:
    lines = [line for _, line in header(report)]
    shown = [f"- {_code(line, LONGEST_FACT)}" for line in lines[:MOST_HEADER_LINES]]
    if len(lines) > len(shown):
        shown.append(f"- {counted(len(lines) - len(shown), 'more note')}")
    return "\n".join(shown)


def _block(result: Result) -> str:
    """Folded: the title to see, behind it the diff and the facts."""
    summary = f"{_sign(result)} {_element(result.title)}"
    if result.place:
        summary += f" {_element(f'{result.place.file}:{result.place.line}')}"
    parts = [f"<details><summary>{summary}</summary>"]
    if result.cause and result.cause.diff:
        parts.append(fenced(_diff(result.cause), "diff"))
    parts.append("\n".join(f"- {_code(fact, LONGEST_FACT)}" for fact in result.facts))
    parts.append("</details>")
    return "\n\n".join(parts)


def _diff(cause: Cause) -> list[str]:
    """Its lines with who changed them, as many as a block has room for."""
    lines: list[str] = []
    size = 0
    whole = margin(cause.diff, [diff_words(line) for line in cause.diff], cause.culprits)
    for number, words in enumerate(whole):
        size += len(words)
        if size > LONGEST_DIFF:
            return [*lines, f"  … and {counted(len(whole) - number, 'more line')}"]
        lines.append(words)
    return lines


def _line(result: Result) -> str:
    return f"- {_sign(result)} {_code(result.title)}"


def _sign(result: Result) -> str:
    if not result.answered:
        return "❓"
    return _SIGNS[result.severity] if result.counts else "⚪"


def fenced(lines: Iterable[str], language: str = "") -> str:
    """A code block whose fence is longer than whatever looks like one in it."""
    text = "\n".join(lines)
    fence = "`" * max(_longest_run(text) + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def _code(text: str, longest: int = LONGEST_NAME) -> str:
    """A code span: one line in which nothing is markup."""
    text = printable(text, longest) or " "
    ticks = "`" * (_longest_run(text) + 1)
    # One space on both sides belongs to the marks, and lets the text begin with a backtick.
    space = " " if text.startswith(("`", " ")) or text.endswith(("`", " ")) else ""
    return f"{ticks}{space}{text}{space}{ticks}"


def _element(text: str) -> str:
    """The same in HTML, for places where no Markdown is read."""
    return f"<code>{escape(printable(text, LONGEST_NAME))}</code>"


def _longest_run(text: str) -> int:
    """Of backticks."""
    return max(map(len, re.findall("`+", text)), default=0)
