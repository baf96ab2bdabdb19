"""What every format that lists results is given: order, places, fingerprints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kabicheck.model import DiffLine, Hunk, Location
from kabicheck.report.results import file_location, results
from tests.report.hostile import NAMES, large
from tests.report.reviewed import reviewed


def test_the_worst_comes_first() -> None:
    assert [result.title.partition(":")[0] for result in results(reviewed())] == [
        "unknown",
        "struct async_schedule",
        "no_types",
        "gone",
        "licensed",
        "spaced",
        "walked",
        "struct removed",
        "struct opaque_async_schedule",
        "struct waived",
        "fresh",
    ]


def test_every_change_is_in_a_result() -> None:
    whole = reviewed()
    told = {(change.kind, change.name) for result in results(whole) for change in result.changes}
    assert told == {(change.kind, change.name) for change in whole.comparison.changes}


def test_a_change_whose_cause_is_unknown_is_a_result_of_its_own() -> None:
    whole = reviewed()
    lost = replace(whole, comparison=replace(whole.comparison, causes={}))
    assert len(results(lost)) == len(whole.comparison.changes) + len(whole.comparison.hidden)


def test_followers_are_results_where_all_is_asked_for() -> None:
    brief, verbose = results(reviewed()), results(replace(reviewed(), verbose=True))
    assert {r.title for r in verbose} - {r.title for r in brief} == {"struct outer: size 24 → 32"}


def test_places() -> None:
    places = {result.title.partition(":")[0]: result.place for result in results(reviewed())}
    assert places["struct async_schedule"] == Location("include/async_schedule.h", 24)
    # The first line that the responsible commit took out, as that commit numbers them.
    assert places["struct removed"] == places["gone"] == Location("lib/old.c", 38)
    assert places["struct waived"] is places["fresh"] is None


def test_an_export_stands_where_the_commit_exports_it() -> None:
    lines = [(" ", "}"), ("+", "int gone(void)"), ("-", "old"), ("+", "EXPORT_SYMBOL(gone);"), ("+", "")]
    hunk = Hunk("lib/new.c", 38, 37, tuple(DiffLine(*line) for line in lines))
    whole = reviewed()
    changes = [
        replace(change, culprits=tuple(replace(culprit, hunks=(hunk,)) for culprit in change.culprits))
        for change in whole.comparison.changes
    ]
    of = replace(whole, comparison=replace(whole.comparison, changes=tuple(changes)))
    (place,) = [result.place for result in results(of) if result.title.startswith("gone:")]
    assert place == Location("lib/new.c", 39)


def test_where_nothing_is_known_of_a_commit_the_old_place_is_named() -> None:
    whole = reviewed()
    cause = replace(whole.comparison.causes["r"], culprits=())
    of = replace(whole, comparison=replace(whole.comparison, causes={"r": cause}))
    assert Location("include/removed.h", 7) in [result.place for result in results(of)]


@pytest.mark.parametrize(
    ("file", "line", "expected"),
    [
        ("include/a.h", 3, Location("include/a.h", 3)),
        ("./include//a.h", 0, Location("include/a.h", 1)),
        ("drivers/a b,c:d%.c", 1, Location("drivers/a b,c:d%.c", 1)),
        ("/usr/include/a.h", 1, None),
        ("../a.h", 1, None),
        ("a/../../b.h", 1, None),
        ("C:/a.h", 1, None),
        ("..\\a.h", 1, None),
        ("a\n.h", 1, None),
        ("a\u202e.h", 1, None),
        ("", 1, None),
        (".", 1, None),
        ("x" * 100_000, 1, None),
    ],
)
def test_files_of_the_tree(file: str, line: int, expected: Location | None) -> None:
    assert file_location(Location(file, line)) == expected


def test_fingerprints_tell_results_apart_and_know_no_lines() -> None:
    whole = reviewed()
    prints = {result.title: result.fingerprint for result in results(whole)}
    assert len(set(prints.values())) == len(prints)
    moved = {
        key: replace(cause, key=f"{key}2", new_location=Location("include/moved.h", 999))
        for key, cause in whole.comparison.causes.items()
    }
    changes = tuple(replace(change, old="0x00000000") for change in whole.comparison.changes)
    again = results(replace(whole, comparison=replace(whole.comparison, causes=moved, changes=changes)))
    assert {result.fingerprint for result in again if result.cause} == {
        result.fingerprint for result in results(whole) if result.cause
    }
    assert {result.fingerprint for result in again} >= set(prints.values())


def test_two_types_of_one_name_have_two_fingerprints() -> None:
    whole = reviewed()
    causes = {**whole.comparison.causes, "k2": replace(whole.comparison.causes["k"], key="k2")}
    found = results(replace(whole, comparison=replace(whole.comparison, causes=causes)))
    assert len({result.fingerprint for result in found}) == len(found)


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_bounded(name: str) -> None:
    for result in results(reviewed(name=name, text=name)):
        assert all(len(line) < 20_000 for line in (result.title, *result.facts))


def test_many() -> None:
    assert len(results(large())) == 2000 + 1000
