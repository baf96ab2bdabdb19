"""Markdown, read by a parser of CommonMark: whatever comes from files and commits is code and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.model import DiffLine
from kabicheck.report.markdown import LONGEST, emit, fenced
from kabicheck.report.results import results
from tests.report.checks.markdown import checked, rendered
from tests.report.golden import golden
from tests.report.hostile import NAMES, large
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed


def test_one_of_everything() -> None:
    document = emit(reviewed())
    assert document == golden("report.md", document)
    page = checked(reviewed())
    assert page.elements.count("details") == len(results(reviewed()))
    assert "struct async_schedule: member type changed" in page.code
    assert "include/async_schedule.h:24" in page.code


def test_nothing_changed() -> None:
    assert checked(EMPTY).elements.count("details") == 0


def test_what_does_not_fit_is_told_in_a_line_and_then_counted() -> None:
    of = large()
    page = checked(of)
    (rest,) = re.findall(r"… and ([\d,]+) more results", page.prose)
    folded, brief = page.elements.count("details"), len(re.findall("🔴 |🟠 |⚪ ", page.prose))
    assert folded > 10
    assert brief > folded + 100
    assert brief + int(rest.replace(",", "")) == len(results(of))


def test_any_size() -> None:
    many = large()
    long_names = large(1000, 400, name="\U000e0041" * 300)
    long_notes = replace(reviewed(), notes=("\x1b" * 10_000,) * 100)
    for longest in (40_000, LONGEST, 1 << 20):
        for of in (many, long_names, long_notes):
            assert len(emit(of, longest).encode()) <= longest
    assert len(emit(long_names, 1 << 20).encode()) > 1 << 19  # so that not even that was enough for all


def test_a_long_diff_is_cut() -> None:
    of = reviewed()
    long = replace(of.comparison.causes["k"], diff=(DiffLine("-", "x" * 100),) * 1000)
    causes = {**of.comparison.causes, "k": long}
    page = checked(replace(of, comparison=replace(of.comparison, causes=causes)))
    assert any(re.search(r"x\n  … and \d+ more lines\n$", code) for code in page.code)
    assert page.elements.count("details") == len(results(of))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    page, plain = checked(reviewed(name=name, text=name)), checked(reviewed())
    assert page.elements.count("details") == plain.elements.count("details")
    assert page.elements.count("pre") == plain.elements.count("pre")


@given(st.lists(st.text(st.sampled_from("`~ -+>#a<")), max_size=5))
def test_nothing_leaves_a_fence(lines: list[str]) -> None:
    (code,) = rendered(fenced(lines, "diff")).code
    assert code.removesuffix("\n") == "\n".join(lines)
