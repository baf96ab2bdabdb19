"""All formats of one `kabicheck check` on the demo's series: each is valid, and says what the JSON says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import read_report
from kabicheck.report import EMITTERS, Output
from tests.report.browser import chromium
from tests.report.checks import github, gitlab, markdown, sarif
from tests.report.checks.json import valid

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

# What docs/reports.md shows: written by the test below with KABICHECK_WRITE_GOLDEN=1.
SCREENSHOT = Path(__file__).parents[2] / "docs/images/report.png"
TYPES = {"struct async_domain", "i2c_transfer()"}


@pytest.fixture
def documents(demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> dict[str, Path]:
    """Format → what one run wrote in it."""
    files = {name: tmp_path / name for name in EMITTERS}
    run = check("--base", demo.base, *(f"-o{name}:{file}" for name, file in files.items()))
    assert (run.status, run.out, run.err) == (1, "", "")
    return files


def test_every_document_can_be_made_from_the_json(documents: dict[str, Path]) -> None:
    valid(documents["json"].read_text())
    report = read_report(documents["json"])
    for name, file in documents.items():
        assert file.read_text() == Output(name).document(report), name


def test_results_are_on_the_lines_of_the_tree(documents: dict[str, Path], demo: DemoRepository) -> None:
    report = read_report(documents["json"])
    found = {
        result["message"]["text"].partition(":")[0]: result for result in sarif.checked(report)["results"]
    }
    for title in TYPES:
        place = found[title]["locations"][0]["physicalLocation"]
        line = (
            (demo.path / place["artifactLocation"]["uri"])
            .read_text()
            .splitlines()[place["region"]["startLine"] - 1]
        )
        assert title.rstrip("()") in line
    for commands in (github.checked(report), gitlab.checked(report)):
        assert len(commands) == len(TYPES) + 1
    assert markdown.checked(report).elements.count("details") == len(TYPES) + 1


def test_rules_come_with_their_pages(documents: dict[str, Path]) -> None:
    rules = sarif.checked(read_report(documents["json"]))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["member-type", "parameter-added", "export-added"]
    for rule in rules:
        assert rule["shortDescription"]["text"].endswith(".")
        assert "Remedy:" in rule["help"]["markdown"]
        assert ".md)" not in rule["help"]["markdown"]


def test_the_page_in_a_browser(documents: dict[str, Path], tmp_path: Path) -> None:
    page = documents["html"].rename(documents["html"].with_suffix(".html"))
    with chromium(tmp_path / "profile") as browser:
        browser.open(page.as_uri())
        browser.click("#results summary")
        browser.until("document.querySelector('#results details > div')")
        assert "unsigned int registered : 1;" in browser.texts("#results pre .old")[0]
        assert "breaking i2c_transfer(): parameter added" in browser.texts("#results summary")[1]
        assert browser.complaints() == []
        if os.environ.get("KABICHECK_WRITE_GOLDEN"):
            SCREENSHOT.parent.mkdir(exist_ok=True)
            browser.screenshot(SCREENSHOT)
