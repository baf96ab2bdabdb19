"""A few inputs of each kind; `python -m tests.fuzz` tries more. Nothing is lost in silence, and nothing crashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.model import Export
from tests.fuzz.oracle import Outcome, outcome
from tests.fuzz.run import KINDS

if TYPE_CHECKING:
    from pathlib import Path

INPUTS = {
    "objects": 1200,
    "archives": 150,
    "lists": 200,
    "symtypes": 400,
    "toml": 300,
    "trees": 300,
    "caches": 100,
}


@pytest.mark.parametrize("name", KINDS)
def test_damaged_inputs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path))
    kind = KINDS[name](tmp_path)
    numbers = [*range(INPUTS[name] // 2), *range(kind.first, kind.first + INPUTS[name] // 2)]
    results = {number: kind.attempt(number) for number in numbers}
    # what is damaged in the cache is made again
    expected = {Outcome.SAME} if name == "caches" else {Outcome.SAME, Outcome.ERROR}
    assert {result.outcome for result in results.values()} >= expected
    bad = {n: r for n, r in results.items() if r.outcome in {Outcome.LOST, Outcome.CRASH}}
    assert not bad


def test_the_oracle() -> None:
    """It finds what it is for."""
    f, g = Export("f"), Export("g", "GPL")
    sound = frozenset((f, g))
    assert outcome(lambda: [f, g], sound) == (Outcome.SAME, "")
    assert outcome(lambda: [f], sound) == (Outcome.LOST, "g")
    assert outcome(list, sound) == (Outcome.LOST, "f, g")
    assert outcome(lambda: [f, Export("h", "GPL")], sound) == (Outcome.TOLD, "")
    assert outcome(lambda: [f, Export("g")], sound) == (Outcome.TOLD, "")
    assert outcome(lambda: [f, Export("g", "GPL", "USB")], sound) == (Outcome.OTHER, "")
    assert outcome(lambda: map(_broken, [f]), sound) == (Outcome.CRASH, "ValueError: f")


def _broken(export: Export) -> Export:
    raise ValueError(export.name)
