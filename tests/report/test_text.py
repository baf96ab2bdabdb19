"""The text report. golden.txt and attributed.txt were written by this: KABICHECK_WRITE_GOLDEN=1 pytest tests/report."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.report.header import Role
from kabicheck.report.text import emit, lines
from tests.report.hostile import NAMES
from tests.report.reports import EMPTY, attributed, report

if TYPE_CHECKING:
    from kabicheck.model import Report

FOLDER = Path(__file__).parent


@pytest.mark.parametrize(("of", "name"), [(report(), "golden.txt"), (attributed(), "attributed.txt")])
def test_one_of_everything(of: Report, name: str) -> None:
    text, golden = emit(of), FOLDER / name
    if os.environ.get("KABICHECK_WRITE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def test_followers_are_shown_in_full_where_all_is_asked_for() -> None:
    brief, verbose = emit(report()), emit(replace(report(), verbose=True))
    assert "  1 type that contains it moves: struct outer\n" in brief
    assert "struct outer: size 24 → 32" not in brief
    assert "struct outer: size 24 → 32\n" in verbose
    assert "  follows struct async_schedule\n" in verbose
    assert brief.splitlines()[-1] == verbose.splitlines()[-1]


def test_nothing_changed() -> None:
    assert emit(EMPTY).splitlines()[-1] == "OK: 0 exports compared, none changed"


def test_what_could_not_be_looked_at_is_not_ok() -> None:
    whole = report()
    unknown = tuple(change for change in whole.comparison.changes if change.name == "unknown")
    only = replace(whole.comparison, changes=unknown, causes={}, hidden=())
    last = emit(replace(whole, comparison=only, failed=False)).splitlines()[-1]
    assert last == "INCOMPLETE: 1 export without a version"


def test_roles_are_for_colours() -> None:
    roles = {role for role, _ in lines(report())}
    assert roles == set(Role) - {Role.OK}


@given(st.text(), st.text())
def test_names_cannot_control_a_terminal(name: str, text: str) -> None:
    shown = emit(report(name=name, text=text))
    assert all(line.isprintable() for line in shown.split("\n"))
    assert len(shown.splitlines()) == len(emit(report(name="x", text="x")).splitlines())


@pytest.mark.parametrize("name", NAMES)
def test_subjects_and_authors_cannot_control_a_terminal(name: str) -> None:
    shown = emit(attributed(subject=name, author=name))
    assert all(line.isprintable() for line in shown.split("\n"))
    assert max(map(len, shown.splitlines())) < 1_000


def test_long_names_are_cut() -> None:
    assert max(map(len, emit(report(name="x" * 1_000_000)).splitlines())) < 5_000
