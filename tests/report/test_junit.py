"""JUnit XML: the schema that Jenkins validates against, where it is found, and our own structural check."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.model import Cause, ChangeKind, DiffLine, Report
from kabicheck.report.junit import LONGEST_TEXT, LONGEST_TEXTS, emit
from tests.report.checks.junit import document, schema
from tests.report.hostile import NAMES, large
from tests.report.reports import EMPTY, attributed, report

if TYPE_CHECKING:
    from lxml import etree


def case(root: etree._Element, name: str) -> etree._Element:
    (found,) = [element for element in root.iter("testcase") if element.get("name") == name]
    return found


def test_results() -> None:
    root = document(report())
    assert {suite.get("name"): suite.get("tests") for suite in root} == {
        "vmlinux": "11",
        "async_schedule": "1",
        "kABI rules": "1",
    }
    assert case(root, "struct opaque_async_schedule")[0].text == (
        "struct opaque_async_schedule: member added, size 8 → 16\nbreaking (size)\n"
        "hidden by declonly opaque_async_schedule from 1 export"
    )
    failure = case(root, "second")[0]
    assert failure.get("message") == "0x00000001 → 0x00000002"
    assert failure.text == (
        "0x00000001 → 0x00000002\n\n"
        "struct async_schedule: member type changed (include/async_schedule.h:24)\n"
        "  struct async_schedule {\n- unsigned int registered : 1;\n+ bool registered;\n"
        "breaking (member-type)\ntake care: look at unsigned int registered : 1;\n"
        "reached by async_schedule() → struct async_schedule\n"
        "1 type that contains it moves: struct outer"
    )
    assert case(root, "second").get("classname") == "vmlinux.kernel/async_schedule"
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
        "removed, was 0x00000003\n\n"
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
    assert failure.text == f"{failure.get('message')}\nunused: waiver kabicheck.toml: [[waiver]] 1"
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


def test_many_failures_share_the_room() -> None:
    document_of_all = emit(large())
    assert len(document_of_all) < LONGEST_TEXTS + 10_000_000
    root = document(large())
    assert root.get("tests") == "21000"
    for failure in root.iter("failure"):
        assert (failure.text or "").startswith(failure.get("message") or "?")
        assert len(failure.text or "") < LONGEST_TEXTS / 10_000 + 100


def test_names_that_are_cut_stay_apart() -> None:
    whole = report()
    changes = [replace(whole.comparison.changes[0], name="x" * 1000 + str(number)) for number in range(3)]
    root = document(replace(whole, comparison=replace(whole.comparison, changes=tuple(changes))))
    ends = [
        (case.get("name") or "")[-5:] for case in root.iter("testcase") if "…" in (case.get("name") or "")
    ]
    assert ends == ["xxxx…", "… (2)", "… (3)"]


def test_class_names_are_package_and_class_for_jenkins() -> None:
    whole = report()
    first = whole.comparison.changes[0]
    changes = (replace(first, object="lib/a.b.o"), replace(first, module="m.x", object="m.x"))
    only = replace(whole.comparison, changes=changes, unchanged=(), hidden=())
    root = document(replace(whole, comparison=only))
    assert {case.get("classname") for case in root.iter("testcase")} == {"vmlinux.lib/a_b", "m_x"}


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    for of in (report(name=name, text=name), attributed(subject=name, author=name)):
        assert "\x1b" not in emit(of)
        document(of)


@given(st.text(), st.text())
def test_any_name(name: str, text: str) -> None:
    document(report(name=name, text=text))


@pytest.mark.parametrize(
    "of", [EMPTY, report(), *(report(name=name, text=name) for name in NAMES), large(500)]
)
def test_the_schema(of: Report) -> None:
    schema().assertValid(document(of))
