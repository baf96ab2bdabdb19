"""Markdown, read by a parser of CommonMark, and checked to be code where it comes from files and commits."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from kabicheck.report.markdown import LONGEST, MARKER, emit
from kabicheck.report.words import verdict

if TYPE_CHECKING:
    from kabicheck.model import Report

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
