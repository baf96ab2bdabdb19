"""Each format, checked as its own tests check it: of what a check of the demo finds, of any report, and of 10,000
hostile findings.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from kabicheck.cli import main
from kabicheck.demo.repository import write_repository
from kabicheck.formats.report_json import read_report
from kabicheck.pipeline.rule_texts import rule_texts
from kabicheck.report import EMITTERS, diff, text
from kabicheck.report.header import Role
from kabicheck.report.json import emit as emit_json
from kabicheck.report.sarif import emit as emit_sarif
from tests.report.checks import github, gitlab, html, junit, markdown, sarif
from tests.report.checks.json import valid
from tests.report.checks.results import check_results
from tests.report.hostile import NAMES, large, reports, slow_to_make
from tests.report.schemas import published

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.model import Report

# All that names may hold at once, of a length that ten thousand of them can have.
HOSTILE = "".join(name for name in NAMES if len(name) < 1000) + "x" * 300


def _text(of: Report) -> None:
    assert all(line.isprintable() for line in text.emit(of).split("\n"))


def _diff(of: Report) -> None:
    for role, line in diff.lines(of):
        assert line.replace("\t", " ").isprintable()
        assert line[:1] in {"", "#", "-", "+", " ", "@"}
        assert isinstance(role, Role)


CHECKS: dict[str, Callable[[Report], object]] = {
    "text": _text,
    "diff": _diff,
    "junit": junit.document,
    "json": lambda of: valid(emit_json(of)),
    "sarif": sarif.checked,
    "github": github.checked,
    "gitlab": gitlab.checked,
    "markdown": markdown.checked,
    "html": html.checked,
}
# Those of which somebody else has published a schema: tests are skipped where it is not found.
SCHEMAS: dict[str, Callable[[Report], None]] = {
    "junit": lambda of: junit.schema().assertValid(junit.document(of)),
    "sarif": lambda of: sarif.validator(published("sarif-2.1.0.schema.json")).validate(
        json.loads(emit_sarif(of))
    ),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("demo")
    repository = write_repository(folder / "linux")
    arguments = ["check", "-C", str(repository.path), "--base", repository.base, "--paths"]
    assert main([*arguments, "-o", f"json:{folder}/report.json"]) == 1
    found = read_report(folder / "report.json")
    return replace(found, rules=rule_texts(found.comparison))


def test_every_format_is_here() -> None:
    assert CHECKS.keys() == EMITTERS.keys()


@pytest.mark.parametrize("name", CHECKS)
def test_the_demos_findings(name: str, demo: Report) -> None:
    CHECKS[name](demo)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_demos_findings_by_the_published_schema(name: str, demo: Report) -> None:
    SCHEMAS[name](demo)


@slow_to_make
@given(reports)
def test_whatever_a_report_holds(of: Report) -> None:
    """All formats of one report, since most of the time goes into making it."""
    check_results(of)
    for check in CHECKS.values():
        check(of)


@pytest.fixture(scope="module")
def hostile() -> Report:
    return large(causes=500, name=HOSTILE)


@pytest.mark.parametrize("name", CHECKS)
def test_ten_thousand_hostile_findings(name: str, hostile: Report) -> None:
    CHECKS[name](hostile)


@pytest.mark.parametrize("name", SCHEMAS)
def test_ten_thousand_hostile_findings_by_the_published_schema(name: str, hostile: Report) -> None:
    SCHEMAS[name](hostile)
