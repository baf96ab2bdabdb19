"""Workflow commands, read as the runner of GitHub Actions reads them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from kabicheck.report.github import LONGEST_MESSAGE, MOST, emit
from kabicheck.report.results import file_location, results
from tests.formats.test_report_json import slow_to_make
from tests.report.golden import golden
from tests.report.hostile import NAMES, large, reports
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed

if TYPE_CHECKING:
    from kabicheck.model import Report


@dataclass(frozen=True)
class Command:
    """A workflow command. Properties and message are unescaped."""

    name: str
    properties: dict[str, str]
    message: str


def read(document: str) -> tuple[list[Command], list[str]]:
    """The commands in a log, and its other lines.

    As ActionCommand.TryParseV2 and TryParse of actions/runner do: a command is a line that begins with `::` behind
    blanks, or has the older form `##[name]` anywhere.
    """
    commands, others = [], []
    for line in re.split(r"\r\n|\r|\n", document.removesuffix("\n")):
        if not line.lstrip().startswith("::"):
            assert "##[" not in line
            others.append(line)
            continue
        head, _, message = line.lstrip()[2:].partition("::")
        name, _, listed = head.partition(" ")
        properties = dict(each.split("=", 1) for each in listed.split(",") if each)
        commands.append(
            Command(name, {key: plain(value) for key, value in properties.items()}, plain(message))
        )
    return commands, others


def plain(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


def checked(of: Report) -> list[Command]:
    """The commands of a report, of which each is what it should be."""
    commands, others = read(emit(of))
    assert others[0].startswith(("OK", "FAILED", "INCOMPLETE"))
    assert len(others) <= 2
    for command in commands:
        assert command.name in {"error", "warning", "notice"}
        assert set(command.properties) in ({"title"}, {"file", "line", "title"})
        assert all(line.isprintable() for line in command.message.split("\n"))
        assert all(value.isprintable() for value in command.properties.values())
        if "file" in command.properties:
            assert not command.properties["file"].startswith("/")
            assert int(command.properties["line"]) >= 1
    return commands


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


@slow_to_make
@given(reports)
def test_whatever_a_report_holds(of: Report) -> None:
    checked(of)
