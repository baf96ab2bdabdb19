"""Markdown, read by a parser of CommonMark: whatever comes from files and commits is code and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kabicheck.model import DiffLine, Report
from kabicheck.report.markdown import LONGEST, MARKER, emit, fenced
from kabicheck.report.results import results
from kabicheck.report.words import verdict
from tests.formats.test_report_json import slow_to_make
from tests.report.golden import golden
from tests.report.hostile import NAMES, large, reports
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed

# What a reader turns into a link, an image or a notification outside code.
ACTIVE = re.compile(r"[@#]\w|://|javascript:|www\.")


class Page(HTMLParser):
    """The elements of a rendered document, and its text inside and outside code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.code: list[str] = []
        self.prose = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        self._open.append(tag)
        if tag == "code":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "code" in self._open:
            self.code[-1] += data
        else:
            self.prose += data


def rendered(document: str) -> Page:
    page = Page(MarkdownIt("commonmark", {"html": True}).render(document))
    assert set(page.elements) <= {"h3", "p", "ul", "li", "code", "details", "summary", "pre"}
    assert set(page.attributes) <= {("class", "language-diff")}
    assert not ACTIVE.search(page.prose)
    return page


def checked(of: Report) -> Page:
    """The rendered report, of which nothing is markup that should not be."""
    document = emit(of)
    assert len(document) <= len(document.encode()) <= LONGEST
    assert document.startswith(f"{MARKER}\n\n### kabicheck: {verdict(of)}\n")
    assert all(line.isprintable() for line in document.split("\n"))
    return rendered(document)


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


@pytest.mark.parametrize("longest", [40_000, LONGEST, 1 << 20])
def test_any_size(longest: int) -> None:
    for of in (large(), large(name="\U000e0041" * 300), replace(reviewed(), notes=("\x1b" * 10_000,) * 1000)):
        assert len(emit(of, longest).encode()) <= longest


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


@slow_to_make
@given(reports)
def test_whatever_a_report_holds(of: Report) -> None:
    page = checked(of)
    assert page.elements.count("details") == len(results(of))
