"""How much a report says: --verbose and --paths, from real objects to the text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from kabicheck.cli import main
from tests.compare.fixture_pairs import compile_side

if TYPE_CHECKING:
    from pathlib import Path


def sides(case: str, folder: Path) -> list[str]:
    return [str(compile_side(case, side, folder)) for side in ("old", "new")]


def test_followers_are_folded_unless_all_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = sides("member_added", tmp_path)
    assert main(["compare", *paths]) == 1
    brief = capsys.readouterr().out
    assert "  1 type that contains it moves: struct device\n" in brief
    assert "struct device: size 80 → 88" not in brief
    assert main(["compare", *paths, "--verbose"]) == 1
    verbose = capsys.readouterr().out
    assert "struct device: size 80 → 88" in verbose
    assert "  follows struct state\n" in verbose
    assert brief.splitlines()[-1] == verbose.splitlines()[-1] == "FAILED: 2 exports changed by 1 cause"


def test_no_line_is_folded_where_all_is_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = sides("large", tmp_path)
    main(["compare", *paths])
    assert "/* … 28 lines move by +8 bytes */" in capsys.readouterr().out
    main(["compare", *paths, "--verbose"])
    out = capsys.readouterr().out
    assert "lines move" not in out
    assert "long int field20; " in out


def test_junit_folds_followers_too(tmp_path: Path) -> None:
    paths = sides("member_added", tmp_path)
    for options, shown in ((), False), (("--verbose",), True):
        assert main(["compare", *paths, "-o", f"junit:{tmp_path}/x.xml", *options]) == 1
        failure = etree.parse(tmp_path / "x.xml").find(".//failure")
        assert failure is not None
        assert failure.get("type") == "breaking"
        assert ("struct device: size 80 → 88" in (failure.text or "")) is shown
        assert "1 type that contains it moves: struct device" in (failure.text or "")


def test_the_path_from_an_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["compare", *sides("member_added", tmp_path), "--paths"])
    assert "  reached by device_find() → struct device → struct state\n" in capsys.readouterr().out


@pytest.mark.parametrize(("output", "known"), [("sarif", True), ("html", True), ("markdown", False)])
def test_the_path_where_a_format_draws_it(output: str, known: bool, tmp_path: Path) -> None:
    reports = f"{output}:{tmp_path}/report", f"json:{tmp_path}/report.json"
    main(["compare", *sides("member_added", tmp_path), *(f"-o{each}" for each in reports)])
    causes = json.loads((tmp_path / "report.json").read_text())["causes"].values()
    assert {bool(cause["path"]) for cause in causes} == {known}
    assert ("device_find()" in (tmp_path / "report").read_text()) is known
