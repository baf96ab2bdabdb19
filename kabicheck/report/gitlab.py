"""GitLab's code quality report: an array of issues, which a merge request shows on the lines that they name.

GitLab reads description, check_name, fingerprint, severity, location.path and location.lines.begin
(https://docs.gitlab.com/ci/testing/code_quality/), and takes two issues with one fingerprint for one. Every issue needs
a path: where no declaration is known, that is the object file's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kabicheck.model import Severity
from kabicheck.plain_text import printable
from kabicheck.report.results import object_location, results

if TYPE_CHECKING:
    from kabicheck.model import Report
    from kabicheck.report.results import Result

LONGEST_DESCRIPTION = 2000

_SEVERITIES = {Severity.BREAKING: "critical", Severity.INCOMPATIBLE: "major", Severity.HARMLESS: "info"}


def emit(report: Report) -> str:
    """The array, an issue on each line, the worst first."""
    issues = ",\n".join(json.dumps(_issue(result)) for result in results(report))
    return f"[\n{issues}\n]\n" if issues else "[]\n"


def _issue(result: Result) -> dict[str, object]:
    place = result.place or object_location(result)
    return {
        "description": printable("; ".join((result.title, *result.facts)), LONGEST_DESCRIPTION),
        "check_name": result.rule,
        "fingerprint": result.fingerprint,
        "severity": _severity(result),
        "location": {"path": place.file, "lines": {"begin": place.line}},
    }


def _severity(result: Result) -> str:
    """What could not be looked at is worst of all; what is bad and does not count is minor."""
    if not result.answered:
        return "blocker"
    if not result.counts and result.severity is not Severity.HARMLESS:
        return "minor"
    return _SEVERITIES[result.severity]
