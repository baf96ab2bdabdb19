"""Workflow commands, read as the runner of GitHub Actions reads them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kabicheck.report.github import LONGEST_MESSAGE, MOST, emit
from kabicheck.report.results import file_location, results
from tests.report.checks.github import checked, read
from tests.report.golden import golden
from tests.report.hostile import NAMES, large
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed


def test_one_of_everything() -> None:
    document = emit(reviewed())
    assert document == golden("report.github", document)


def test_levels_and_places() -> None:
    found = {command.message.partition(":")[0]: command for command in checked(reviewed())}
    assert found["struct async_schedule"].properties == {
        "file": "include/async_schedule.h",
        "line": "24",
        "title": "kabicheck: member-type",
    }
    assert {name: command.name for name, command in found.items()} == {
        "unknown": "error",
        "struct async_schedule": "error",
        "no_types": "error",
        "gone": "error",
        "licensed": "error",
        "spaced": "error",
        "walked": "error",
        "struct removed": "warning",
        "struct waived": "notice",
        "fresh": "notice",
        "struct opaque_async_schedule": "notice",  # which a rule hides
    }


def test_nothing_changed() -> None:
    assert emit(EMPTY) == "OK: 0 exports compared, none changed\n"


def test_ten_of_a_level_show_the_worst_and_the_others_are_counted() -> None:
    of = large()
    commands = checked(of)
    levels = [command.name for command in commands]
    assert {level: levels.count(level) for level in levels} == {"error": MOST, "warning": MOST}
    assert [command.message.split("\n")[0] for command in commands[:MOST]] == [
        result.title for result in results(of)[:MOST]
    ]
    others = read(emit(of))[1]
    counted = [
        int(number.replace(",", "")) for number in re.findall(r"([\d,]+) (?:error|warning)s", others[1])
    ]
    assert sum(counted) + 2 * MOST == 3000
    assert "job summary" in others[1]


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    of = reviewed(name=name, text=name)
    commands = checked(of)
    assert len(commands) == len(checked(reviewed()))
    assert len(emit(of)) < 10 * LONGEST_MESSAGE * len(commands)


def test_what_is_escaped_comes_out_again() -> None:
    of = reviewed()
    causes = {
        key: replace(
            cause, new_location=replace(cause.new_location, file="a,b:c%0Ad=::e.h"), title="%25%0A::,"
        )
        for key, cause in of.comparison.causes.items()
        if cause.new_location
    }
    place = next(cause.new_location for cause in causes.values())
    assert file_location(place) == place
    commands = checked(replace(of, comparison=replace(of.comparison, causes=causes)))
    assert "a,b:c%0Ad=::e.h" in [command.properties.get("file") for command in commands]
    assert any(command.message.startswith("%25%0A::,: ") for command in commands)
