"""Each format, checked as its own tests check it, on what a check of the demo finds and on 10,000 hostile findings."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.demo.repository import write_repository
from kabicheck.formats.report_json import read_report
from kabicheck.pipeline.rule_texts import rule_texts
from kabicheck.report import EMITTERS, diff, text
from kabicheck.report.json import emit as emit_json
from kabicheck.report.sarif import emit as emit_sarif
from tests.formats.test_report_json import valid
from tests.report import test_github, test_gitlab, test_html, test_junit, test_markdown, test_sarif
from tests.report.hostile import NAMES, large
from tests.report.schemas import published

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.model import Report

# All that names may hold at once, of a length that ten thousand of them can have.
HOSTILE = "".join(name for name in NAMES if len(name) < 1000) + "x" * 300


def _text(of: Report) -> None:
    assert all(line.isprintable() for line in text.emit(of).split("\n"))


def _diff(of: Report) -> None:
    assert all(line.isprintable() for line in diff.emit(of).replace("\t", " ").split("\n"))


def _junit(of: Report) -> None:
    document = test_junit.document(of)
    test_junit.schema().assertValid(document)


def _sarif(of: Report) -> None:
    test_sarif.checked(of)
    schema = published("sarif-2.1.0.schema.json")
    test_sarif.validator(schema).validate(json.loads(emit_sarif(of)))


CHECKS: dict[str, Callable[[Report], object]] = {
    "text": _text,
    "diff": _diff,
    "junit": _junit,
    "json": lambda of: valid(emit_json(of)),
    "sarif": _sarif,
    "github": test_github.checked,
    "gitlab": test_gitlab.checked,
    "markdown": test_markdown.checked,
    "html": test_html.checked,
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


@pytest.mark.parametrize("name", CHECKS)
def test_ten_thousand_hostile_findings(name: str) -> None:
    CHECKS[name](large(causes=500, name=HOSTILE))
