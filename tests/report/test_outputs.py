"""`-o FORMAT[:FILE]`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kabicheck.errors import UsageError
from kabicheck.report import EMITTERS, Output, parse_output, parse_outputs
from tests.report.reports import report


def test_formats_and_files() -> None:
    assert parse_output("text") == Output("text")
    assert parse_output("junit:-") == Output("junit")
    assert parse_output("junit:a:b.xml") == Output("junit", Path("a:b.xml"))
    assert parse_outputs([]) == [Output("text")]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["xml"], "no such output format: 'xml' .one of: text, diff, junit"),
        (["junit:"], "no file name"),
        ([""], "no such output format"),
        (["text", "junit"], "two outputs go to the standard output"),
        (["text:a", "junit:a"], "two outputs go to a"),
    ],
)
def test_mistakes(arguments: list[str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        parse_outputs(arguments)


@pytest.mark.parametrize("name", EMITTERS)
def test_every_format_has_an_emitter(name: str) -> None:
    assert "async_schedule" in Output(name).document(report())


@pytest.mark.parametrize("name", sorted(EMITTERS.keys() - {"diff"}))  # which says who changed what
def test_every_format_says_what_keeps_the_version(name: str) -> None:
    whole = report()
    cause = replace(whole.comparison.causes["k"], remedy="KABI_IGNORE(0, int late);")
    comparison = replace(whole.comparison, causes={**whole.comparison.causes, "k": cause})
    assert "KABI_IGNORE(0, int late);" in Output(name).document(replace(whole, comparison=comparison))
