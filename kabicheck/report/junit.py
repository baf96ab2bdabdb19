"""JUnit XML: a suite per module, a test case per export, for the test tab of any continuous integration.

A change that counts is a failure whose type is its severity and whose text is the type diff, an export without a
version an error; whatever else was compared passes, and says so. Where no change counts and the report fails all the
same, by its waivers, that is a failure in a suite of its own.

Two readers decide the form. Jenkins takes what is before the last dot of a classname for a package, so that it is the
module and the object file, `vmlinux.kernel/async`. GitLab shows nothing of a failure but its text, which therefore
begins with the message, and takes cases with the same classname and name for one, so that no two have both.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from junit_xml import TestCase, TestSuite

from kabicheck.model import ChangeKind, worst
from kabicheck.plain_text import LONGEST_NAME, counted, printable
from kabicheck.report.culprit_words import by_words, margin
from kabicheck.report.words import (
    care_words,
    cause_words,
    change_words,
    diff_words,
    excuse_words,
    follower_words,
    followers_of,
    grade_words,
    hidden_facts,
    hidden_words,
    path_words,
    remedy_words,
    shown_causes,
    verdict,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.model import Cause, ExportChange, Report

# A type near the root changes thousands of exports, and each repeats the diff: together they share the document's size.
LONGEST_TEXT = 20_000
SHORTEST_TEXT = 1000
LONGEST_TEXTS = 20_000_000
LONGEST_MESSAGE = 500

# Printable characters that XML 1.0 does not allow: U+FFFE and U+FFFF of every plane are not printable.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def emit(report: Report) -> str:
    """The whole document. Attributes and texts hold only what XML 1.0 allows."""
    suites = ET.Element("testsuites", name="kabicheck")
    for module, cases in (*_cases(report).items(), *_policy(report)):
        suite = TestSuite(module, cases).build_xml_doc()
        # Not in the schema that Jenkins validates against, and always 0 here.
        del suite.attrib["disabled"]
        suites.append(suite)
    for total in ("tests", "failures", "errors"):
        suites.set(total, str(sum(int(suite.get(total, "0")) for suite in suites)))
    ET.indent(suites)
    document: str = ET.tostring(suites, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}\n'


def _cases(report: Report) -> dict[str, list[TestCase]]:
    """Module → its test cases, in the order of objects and names."""
    comparison = report.comparison
    changes: dict[tuple[str, str, str], list[ExportChange]] = {name: [] for name in comparison.unchanged}
    for change in comparison.changes:
        changes.setdefault((change.module, change.object, change.name), []).append(change)
    texts = _Texts(report)
    suites: dict[str, list[TestCase]] = {}
    used: dict[tuple[str, str], int] = {}
    for (module, path, name), happened in sorted(changes.items()):
        case = TestCase(_clean(name), classname=_classname(module, path))
        _make_unique(case, used)
        _add_result(case, happened, texts)
        suites.setdefault(_clean(module) or "kernel", []).append(case)
    return suites


def _classname(module: str, path: str) -> str:
    """Of a Module.symvers, which knows no object files, the module alone."""
    parts = [module, path.removesuffix(".o")] if path != module else [module]
    return ".".join(_clean(part).replace(".", "_") for part in parts if part) or "kernel"


def _make_unique(case: TestCase, used: dict[tuple[str, str], int]) -> None:
    """Names differ by nature, but not always after they were cut and cleaned. used: with the last number tried."""
    name = case.name
    while (case.classname, case.name) in used:
        used[case.classname, name] += 1
        case.name = f"{name} ({used[case.classname, name]})"
    used[case.classname, case.name] = 1


def _policy(report: Report) -> Iterator[tuple[str, list[TestCase]]]:
    """The test case that no export has: a document must not pass where the report does not."""
    if report.failed and not any(change.fails for change in report.comparison.changes):
        case = TestCase("waivers", classname="policy")
        message = _clean(verdict(report), LONGEST_MESSAGE)
        case.add_failure_info(message, "\n".join([message, *map(_clean, report.notes)]))
        yield "policy", [case]
    if report.comparison.hidden:
        yield "kABI rules", list(_hidden_cases(report))


def _hidden_cases(report: Report) -> Iterator[TestCase]:
    """What rules keep out of the versions: it passes, with a word."""
    used: dict[tuple[str, str], int] = {}
    for hidden in report.comparison.hidden:
        case = TestCase(_clean(hidden.title), classname="hidden")
        _make_unique(case, used)
        case.stdout = "\n".join(map(_clean, (hidden_words(hidden), *hidden_facts(hidden))))
        yield case


def _add_result(case: TestCase, changes: list[ExportChange], texts: _Texts) -> None:
    if not changes:
        return
    message = _clean("; ".join(change_words(change) for change in changes), LONGEST_MESSAGE)
    severity = worst(change.severity for change in changes)
    if any(change.kind is ChangeKind.UNVERSIONED and change.fails for change in changes):
        case.add_error_info(message, texts.of(changes), severity)
    elif any(change.fails for change in changes):
        case.add_failure_info(message, texts.of(changes), severity)
    else:
        by = (words for change in changes for words in by_words(change.culprits))
        case.stdout = "\n".join(
            [message, str(severity), *map(_clean, excuse_words(changes)), *map(_clean, by)]
        )


class _Texts:
    """What is said of the exports that changed, each as long as the document's size allows."""

    def __init__(self, report: Report) -> None:
        comparison = report.comparison
        failing = len({(change.object, change.name) for change in comparison.changes if change.fails})
        self._longest = min(LONGEST_TEXT, max(SHORTEST_TEXT, LONGEST_TEXTS // max(failing, 1)))
        followers = followers_of(comparison)
        self._every = report.verbose
        self._blocks = {
            cause.key: _block(cause, followers.get(cause.key, ()), every=report.verbose)
            for cause in shown_causes(report)
        }

    def of(self, changes: list[ExportChange]) -> str:
        """What happened to one export, what the rules say of it, and the causes' diffs as far as they fit."""
        happened = [change_words(change) for change in changes]
        blocks = [
            "\n".join(happened),
            *("\n".join(_facts(change, every=self._every)) for change in changes if not change.causes),
        ]
        size = left_out = 0
        for key in dict.fromkeys(key for change in changes for key in change.causes if key in self._blocks):
            block = self._blocks[key]
            if size and size + len(block) > self._longest:
                left_out += 1
                continue
            blocks.append(block if len(block) <= self._longest else f"{block[: self._longest]}…")
            size += len(block)
        if left_out:
            blocks.append(f"… and {counted(left_out, 'more cause')}")
        return _NOT_XML.sub("?", "\n\n".join(filter(None, blocks)))


def _facts(change: ExportChange, *, every: bool) -> list[str]:
    """What is said of a change that no cause explains. every: name all candidates of whom one is responsible."""
    graded = change.findings and change.kind is not ChangeKind.VERSION
    grade = [grade_words(change.severity, change.findings), *care_words(change.findings)] if graded else []
    return grade + by_words(change.culprits, every=every)


def _block(cause: Cause, followers: Sequence[str], *, every: bool) -> str:
    where = cause.new_location or cause.old_location
    place = f" ({where.file}:{where.line})" if where else ""
    diff = margin(cause.diff, [diff_words(line) for line in cause.diff], cause.culprits)
    lines = [
        cause_words(cause) + printable(place),
        *diff,
        grade_words(cause.severity, cause.findings),
        *care_words(cause.findings),
        *by_words(cause.culprits, diff, every=every),
        path_words(cause),
        follower_words(followers),
        remedy_words(cause),
    ]
    return "\n".join(filter(None, lines))


def _clean(text: str, longest: int = LONGEST_NAME) -> str:
    return _NOT_XML.sub("?", printable(text, longest))
