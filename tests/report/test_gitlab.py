"""GitLab's code quality report, with the properties that GitLab documents and all that it makes of them."""

from __future__ import annotations

import pytest

from kabicheck.report.gitlab import emit
from tests.report.checks.gitlab import checked
from tests.report.golden import golden
from tests.report.hostile import NAMES, large
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed


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
