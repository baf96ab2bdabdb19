"""GitLab's code quality report, checked by the properties that GitLab documents."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from kabicheck.model import Location, Report
from kabicheck.report.gitlab import emit
from kabicheck.report.results import file_location

# "Code Quality report format" in GitLab's documentation of CI/CD.
DOCUMENTED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "additionalProperties": False,
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^[^/.]"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def checked(of: Report) -> list[dict[str, Any]]:
    """The issues of a report, of which each is what it should be."""
    document = emit(of)
    assert document.isascii()
    issues: list[dict[str, Any]] = json.loads(document)
    Draft202012Validator(DOCUMENTED).validate(issues)
    # GitLab takes two with one fingerprint for one.
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    for issue in issues:
        assert issue["description"].isprintable()
        place = Location(issue["location"]["path"], issue["location"]["lines"]["begin"])
        assert file_location(place) == place
    return issues
