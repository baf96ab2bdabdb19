"""The HTML page, taken apart and checked without a browser."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from kabicheck.report.html import emit
from kabicheck.report.results import results
from kabicheck.report.words import verdict
from tests.report.reports import EMPTY

if TYPE_CHECKING:
    from kabicheck.model import Report


class Page(HTMLParser):
    """The elements of the document, the text in each kind of them, and all attributes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: dict[str, list[str]] = {}
        self._within = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs
        self._within = tag
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within:
            self.texts[self._within][-1] += data


SKELETON = Page(emit(EMPTY)).elements


def checked(of: Report) -> dict[str, Any]:
    """The data in a page, of which the skeleton is as it always is."""
    document = emit(of)
    page = Page(document)
    assert [tag for tag in page.elements if tag != "li"] == [tag for tag in SKELETON if tag != "li"]
    assert page.texts["h1"] == [verdict(of)]
    assert not any(name in {"src", "style", "action"} or name.startswith("on") for name, _ in page.attributes)
    data, script = page.texts["script"]
    assert data.isascii()
    policy = next(value for _, value in page.attributes if value and value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; ")
    for text in (page.texts["style"][0], script):
        assert b64encode(sha256(text.encode()).digest()).decode() in policy
    members = json.loads(data)
    assert [result["id"] for result in members["results"]] == [result.fingerprint for result in results(of)]
    assert isinstance(members, dict)
    return members
