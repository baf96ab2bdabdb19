"""The whole report as JSON; tests/formats/test_report_json.py has the format."""

from __future__ import annotations

from kabicheck.report.json import emit
from tests.report.checks.json import valid
from tests.report.golden import golden
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed


def test_one_of_everything() -> None:
    document = emit(reviewed())
    assert document == golden("report.json", document)
    assert valid(document)["causes"]["r"]["culprits"][0]["commits"][0]["subject"].startswith("remove")


def test_nothing_changed() -> None:
    assert valid(emit(EMPTY))["changes"] == []
