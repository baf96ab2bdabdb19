"""JUnit XML: the schema that Jenkins validates against, where it is found, and a structural check."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from kabicheck.report.junit import emit
from tests.report.schemas import published

if TYPE_CHECKING:
    from kabicheck.model import Report


@cache
def schema() -> etree.XMLSchema:
    """What Jenkins validates against; skips the test where it is not found."""
    return etree.XMLSchema(etree.parse(published("junit-10.xsd")))


def document(of: Report) -> etree._Element:
    """The parsed report, checked as far as that goes without a schema."""
    root = etree.fromstring(emit(of).encode())
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert suite.get("name")
        assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(suite)
        for outcome in ("failure", "error"):
            assert int(suite.get(f"{outcome}s", "")) == len(suite.findall(f"testcase/{outcome}"))
        for case in suite:
            assert case.get("classname") is not None
            assert {child.tag for child in case} <= {"failure", "error", "system-out"}
            assert len(case) <= 1
            # GitLab shows the text alone.
            assert all(result.text for result in case)
    names = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(names)) == len(names), "GitLab takes two of the same for one"
    return root
