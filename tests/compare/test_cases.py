"""Fixture pairs: two versions of a header, compiled, compared and reported. See cases/README.md."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kabicheck.compare.failing import failing
from kabicheck.model import Comparison, Report, Side
from kabicheck.pipeline.input_pairs import compare_inputs
from kabicheck.pipeline.inputs import read_input
from kabicheck.report.text import emit
from tests.compare.fixture_pairs import CASES, compile_side

if TYPE_CHECKING:
    from pathlib import Path

NAMES = sorted(case.name for case in CASES.iterdir() if case.is_dir())


def compare_case(case: str, folder: Path, *, swapped: bool = False) -> Comparison:
    old, new = compile_side(case, "old", folder), compile_side(case, "new", folder)
    if swapped:
        old, new = new, old
    return compare_inputs(read_input(old), read_input(new))


def with_fixed_paths(comparison: Comparison, folder: Path) -> Comparison:
    """The objects' paths without the test's temporary folder."""
    changes = tuple(replace(c, object=c.object.removeprefix(f"{folder}/")) for c in comparison.changes)
    causes = {
        key: replace(cause, exports=tuple((o.removeprefix(f"{folder}/"), n) for o, n in cause.exports))
        for key, cause in comparison.causes.items()
    }
    return replace(comparison, changes=changes, causes=causes)


@pytest.mark.parametrize("case", NAMES)
def test_report(case: str, tmp_path: Path) -> None:
    comparison = with_fixed_paths(compare_case(case, tmp_path), tmp_path / case)
    failed = bool(failing(comparison))
    report = emit(Report(Side("old", objects=1), Side("new", objects=1), comparison, failed=failed))
    golden = CASES / case / "report.txt"
    if os.environ.get("KABICHECK_WRITE_GOLDEN"):
        golden.write_text(report)
    assert report == golden.read_text()


@pytest.mark.parametrize("case", NAMES)
def test_nothing_differs_from_itself(case: str, tmp_path: Path) -> None:
    same = read_input(compile_side(case, "new", tmp_path))
    comparison = compare_inputs(same, same)
    assert not comparison.changes
    assert not comparison.causes
    assert comparison.unchanged


@pytest.mark.parametrize("case", NAMES)
def test_swapped_sides_have_the_same_causes(case: str, tmp_path: Path) -> None:
    forwards = compare_case(case, tmp_path / "a")
    backwards = compare_case(case, tmp_path / "b", swapped=True)
    assert {(c.reference, c.title, len(c.exports)) for c in forwards.causes.values()} == {
        (c.reference, c.title, len(c.exports)) for c in backwards.causes.values()
    }
    marks = {" ": " ", "-": "+", "+": "-"}
    for cause in forwards.causes.values():
        mirror = next(c for c in backwards.causes.values() if c.reference == cause.reference)
        assert {marks[line.mark] for line in cause.diff} == {line.mark for line in mirror.diff}
