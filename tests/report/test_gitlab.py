"""GitLab's code quality report, with the properties that GitLab documents and all that it makes of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from kabicheck.model import Location, Report
from kabicheck.report.gitlab import emit
from kabicheck.report.results import file_location
from tests.formats.test_report_json import slow_to_make
from tests.report.golden import golden
from tests.report.hostile import NAMES, large, reports
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed

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


def test_one_of_everything() -> None:
    document = emit(reviewed())
    assert document == golden("report.gitlab.json", document)
    assert {issue["check_name"]: issue["severity"] for issue in checked(reviewed())} == {
        "export-unversioned": "blocker",
        "member-type": "critical",
        "export-version": "critical",
        "export-removed": "critical",
        "export-licence": "critical",
        "export-namespace": "critical",
        "export-module": "critical",
        "size": "minor",
        "became-declared": "minor",
        "export-added": "info",
    }


def test_what_the_loader_alone_refuses_is_major() -> None:
    issues = [issue for issue in checked(reviewed()) if issue["check_name"] == "became-declared"]
    assert [issue["severity"] for issue in issues] == ["major", "minor"]


def test_nothing_changed() -> None:
    assert checked(EMPTY) == []


def test_many_exports() -> None:
    assert len(checked(large())) == 3000


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    of = reviewed(name=name, text=name)
    assert len(checked(of)) == len(checked(reviewed()))
    assert len(emit(of)) < 500_000


@slow_to_make
@given(reports)
def test_whatever_a_report_holds(of: Report) -> None:
    checked(of)
