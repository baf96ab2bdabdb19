"""Workflow commands, read as the runner of GitHub Actions reads them, and checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.report.github import emit

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
