"""SARIF 2.1.0, the interchange format of static analysis: code scanning, editors and dashboards read it.

A result for each cause, and for each export's change that has none. Its code flow leads from the nearest export to the
declaration. Fingerprints hold no line numbers, and `primaryLocationLineHash` is the one that GitHub compares
(docs/reports.md). Files are below SRCROOT, the source tree, or below OBJROOT, the build, where no declaration is known.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kabicheck import __version__
from kabicheck.model import Severity
from kabicheck.plain_text import LONGEST_NAME, printable
from kabicheck.report.results import file_location, object_location, results
from kabicheck.report.words import verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.model import Cause, Commit, Culprit, Location, Report, Side
    from kabicheck.report.results import Result

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# GitHub refuses more than 25,000 results, and shows 5,000.
MOST_RESULTS = 5000
MOST_EXPORTS = 100
MOST_CANDIDATES = 20  # that one of them is responsible may be all that is known of thousands
LONGEST_MESSAGE = 4000

_LEVELS = {Severity.BREAKING: "error", Severity.INCOMPATIBLE: "warning", Severity.HARMLESS: "note"}

Json = dict[str, Any]


def emit(report: Report) -> str:
    """The log file, with one run."""
    found = results(report)
    shown = found[:MOST_RESULTS]
    notes = [printable(note) for note in report.notes]
    if len(found) > len(shown):
        notes.append(
            f"{len(found) - len(shown):,} results are left out: no reader takes more than {MOST_RESULTS:,}"
        )
    rules = _rules(shown, report)
    numbers = {rule["id"]: number for number, rule in enumerate(rules)}
    places = {
        cause.title: place
        for cause in report.comparison.causes.values()
        if (place := file_location(cause.new_location))
    }
    run = {
        "tool": {"driver": {"name": "kabicheck", "semanticVersion": __version__, "rules": rules}},
        "originalUriBaseIds": {
            "SRCROOT": {"description": {"text": "The source tree of the kernel."}},
            "OBJROOT": {"description": {"text": "The folder that the kernel is built in."}},
        },
        "invocations": [
            {
                "executionSuccessful": all(result.answered for result in found),
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": note}} for note in notes
                ],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": [_result(result, numbers, places) for result in shown],
        "properties": {
            "base": _side(report.base),
            "head": _side(report.head),
            "commits": report.commits,
            "verdict": verdict(report),
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _rules(shown: Sequence[Result], report: Report) -> list[Json]:
    """The rules of the results, each with its documentation where that was handed in."""
    texts = {rule.id: rule for rule in report.rules}
    rules: list[Json] = []
    for identity in dict.fromkeys(result.rule for result in shown):
        text = texts.get(identity)
        if text is None:
            rules.append({"id": identity, "shortDescription": {"text": identity.replace("-", " ")}})
            continue
        first, _, _ = text.text.partition("\n\n")
        rules.append(
            {
                "id": identity,
                "shortDescription": {"text": text.text.partition("\n")[0]},
                "fullDescription": {"text": first},
                "help": {"text": text.text, "markdown": text.text},
                "defaultConfiguration": {"level": _LEVELS[text.severity]},
            }
        )
    return rules


def _result(result: Result, numbers: Mapping[str, int], places: Mapping[str, Location]) -> Json:
    commits = [
        (commit, culprit) for culprit in result.culprits for commit in culprit.commits[:MOST_CANDIDATES]
    ]
    # An empty array says that nobody suppressed it, which the schema tells from saying nothing.
    suppressions = [{"kind": "external", "justification": excuse} for excuse in result.excuses]
    return {
        "ruleId": result.rule,
        "ruleIndex": numbers[result.rule],
        "level": _LEVELS[result.severity],
        "message": {"text": printable("; ".join((result.title, *result.facts)), LONGEST_MESSAGE)},
        "locations": [_location(result)],
        "partialFingerprints": {
            "kabicheck/v1": result.fingerprint,
            "primaryLocationLineHash": f"{result.fingerprint}:1",
        },
        "codeFlows": [{"threadFlows": [{"locations": _flow(result, result.cause, places)}]}]
        if result.cause
        else [],
        "suppressions": [] if result.counts else suppressions,
        "properties": {
            "exports": [printable(change.name, LONGEST_NAME) for change in result.changes[:MOST_EXPORTS]],
            "exportCount": len(result.changes),
            "commits": [_commit(*each) for each in commits],
            "commitCount": sum(len(culprit.commits) for culprit in result.culprits),
        },
    }


def _location(result: Result) -> Json:
    if result.place:
        return {"physicalLocation": _physical(result.place, "SRCROOT")}
    return {"physicalLocation": _physical(object_location(result), "OBJROOT")}


def _physical(place: Location, base: str) -> Json:
    return {
        "artifactLocation": {"uri": quote(place.file), "uriBaseId": base},
        "region": {"startLine": place.line},
    }


def _flow(result: Result, cause: Cause, places: Mapping[str, Location]) -> list[Json]:
    """From an export to the cause: by the path where it was asked for, else without the steps between."""
    exports = (change.name for change in result.changes[:1])
    titles = cause.path or tuple(dict.fromkeys((*exports, cause.title)))
    steps: list[Json] = []
    for title in titles:
        step: Json = {"message": {"text": printable(title, LONGEST_NAME)}}
        place = result.place if title == cause.title else places.get(title)
        if place:
            step["physicalLocation"] = _physical(place, "SRCROOT")
        steps.append({"location": step})
    return steps


def _commit(commit: Commit, culprit: Culprit) -> Json:
    return {
        "id": printable(commit.id, LONGEST_NAME),
        "subject": printable(commit.subject, LONGEST_NAME),
        "author": printable(commit.author, LONGEST_NAME),
        "verdict": culprit.verdict,
    }


def _side(side: Side) -> str:
    return printable(side.label, LONGEST_NAME)
