"""A damaged cache gives the right report, or a clear error: never another report, and no bug."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.commands.damage import Trials

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def trials(tmp_path: Path, plain: None, monkeypatch: pytest.MonkeyPatch) -> Trials:
    monkeypatch.setenv("KABICHECK_CACHE", "")  # set by the trials, and as it was afterwards
    monkeypatch.delenv("KABICHECK_TRACEBACK")
    return Trials(tmp_path, seed=3)


def test_random_damage_is_never_believed(trials: Trials) -> None:
    trials.choose = lambda path: not path.startswith("repositories")
    trials.run(12)
    trials.choose = lambda path: "/source/" in path or "/build/" in path or path.endswith(".json")
    trials.run(3)
    assert trials.wrong == []
    assert trials.counts["right"] >= 8
