"""JUnit XML: the schema that Jenkins validates against, where it is found, and our own structural check."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kabicheck.model import Cause, ChangeKind, DiffLine, Report
from kabicheck.report.junit import LONGEST_TEXT, emit
from tests.report.reports import EMPTY, attributed, report

SCHEMA = Path(
    os.environ.get("KABICHECK_SCHEMAS") or Path(__file__).parents[3] / "shared" / "schemas", "junit-10.xsd"
)


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
    return root


def case(root: etree._Element, name: str) -> etree._Element:
    (found,) = [element for element in root.iter("testcase") if element.get("name") == name]
    return found


def test_results() -> None:
    root = document(report())
    assert {suite.get("name"): suite.get("tests") for suite in root} == {
        "vmlinux": "11",
        "async_schedule": "1",
    }
    failure = case(root, "second")[0]
    assert failure.get("message") == "0x00000001 → 0x00000002"
    assert failure.text == (
        "struct async_schedule: member type changed (include/async_schedule.h:24)\n"
        "  struct async_schedule {\n- unsigned int registered : 1;\n+ bool registered;\n"
        "breaking (member-type)\nreached by async_schedule() → struct async_schedule\n"
        "1 type that contains it moves: struct outer"
    )
    assert case(root, "second").get("classname") == "kernel/async_schedule.o"
    assert [case(root, name)[0].tag for name in ("gone", "unknown", "fresh")] == [
        "failure",
        "error",
        "system-out",
    ]
    assert case(root, "gone")[0].get("message") == "removed, was 0x00000003"
    assert case(root, "unknown")[0].get("message") == "no version: 0x00000005 → no type"
    assert len(case(root, "same")) == 0


def test_who_changed_it() -> None:
    root = document(attributed())
    text = case(root, "async_schedule_node_domain")[0].text or ""
    assert (
        "+         bool registered;             /* 16  1 */      1a1b2c3 async: use bool (Ada L, verified)\n"
        in text
    )
    assert text.endswith("asks for (Ada L, verified)")
    assert case(root, "gone")[0].text == (
        "changed by 2a1b2c3 async: count the entries of each domain, which is what the scheduler asks for "
        "(Ada L, verified)"
    )
    assert "one of 2 commits: 4a1b2c3" in (case(root, "klist_add")[0].text or "")


def test_an_empty_run_is_a_document() -> None:
    root = document(EMPTY)
    assert (len(root), root.get("tests"), root.get("failures")) == (0, "0", "0")


def test_a_report_that_fails_by_its_waivers_alone() -> None:
    """No export is to blame, and the document must be red all the same."""
    stale = replace(EMPTY, failed=True, notes=("unused: waiver kabicheck.toml: [[waiver]] 1",))
    root = document(stale)
    assert (root.get("tests"), root.get("failures")) == ("1", "1")
    (failure,) = case(root, "waivers")
    assert failure.get("message") == "FAILED, by its waivers: 0 exports compared, none changed"
    assert failure.text == "unused: waiver kabicheck.toml: [[waiver]] 1"
    assert "waivers" not in {case.get("name") for case in document(report()).iter("testcase")}


def test_an_export_that_changed_in_two_ways_is_one_case() -> None:
    whole = report()
    first = whole.comparison.changes[0]
    twice = replace(first, kind=ChangeKind.LICENCE, old="", new="GPL", causes=())
    root = document(replace(whole, comparison=replace(whole.comparison, changes=(first, twice))))
    (failure,) = case(root, first.name)
    assert failure.get("type") == "breaking"
    assert failure.get("message") == "0x00000001 → 0x00000002; EXPORT_SYMBOL → EXPORT_SYMBOL_GPL"


def test_text_is_bounded_and_says_so() -> None:
    whole = report()
    cause = whole.comparison.causes["k"]
    causes: dict[str, Cause] = {}
    for number in range(30):
        long = tuple(DiffLine("-", "x" * 100) for _ in range(50))
        causes[str(number)] = replace(cause, key=str(number), diff=long)
    change = replace(whole.comparison.changes[0], causes=tuple(causes))
    root = document(replace(whole, comparison=replace(whole.comparison, changes=(change,), causes=causes)))
    text = case(root, change.name)[0].text or ""
    assert len(text) < LONGEST_TEXT + 100
    assert text.endswith("… and 27 more causes")


HOSTILE = [
    "]]>",
    "<a>&amp;",
    "\x1b[2J\x00\x07",
    "\ud800\ufffe\uffff\x85\u2028",
    "a\"b'c\n",
    "x" * 100_000,
    "",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names(name: str) -> None:
    for of in (report(name=name, text=name), attributed(subject=name, author=name)):
        assert "\x1b" not in emit(of)
        document(of)


@given(st.text(), st.text())
def test_any_name(name: str, text: str) -> None:
    document(report(name=name, text=text))


@pytest.mark.parametrize("of", [EMPTY, report(), *(report(name=name, text=name) for name in HOSTILE)])
def test_the_schema(of: Report) -> None:
    if not SCHEMA.is_file():
        pytest.skip("no schema: set KABICHECK_SCHEMAS to a folder with junit-10.xsd")
    etree.XMLSchema(etree.parse(SCHEMA)).assertValid(document(of))
