"""What a JUnit report of the demo says of each export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from pathlib import Path


ASYNC = {"async_schedule_node_domain", "async_synchronize_cookie_domain", "async_synchronize_full_domain"}


def junit(path: Path) -> dict[str, etree._Element]:
    """Export → its test case; every one is there once, and the totals are right."""
    root = etree.parse(path).getroot()
    cases = list(root.iter("testcase"))
    found = {case.get("name", ""): case for case in cases}
    assert len(found) == len(cases) == int(root.get("tests", ""))
    for kind in ("failure", "error"):
        assert int(root.get(f"{kind}s", "")) == len(list(root.iter(kind)))
    return found


def failures(path: Path) -> set[str]:
    return {name for name, case in junit(path).items() if case.find("failure") is not None}
