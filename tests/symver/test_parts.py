"""Type strings taken apart, and remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.symver import parts
from kabicheck.symver.grammar import MARK
from kabicheck.symver.parts import Parts, split

if TYPE_CHECKING:
    import pytest


def test_split() -> None:
    assert split("") == Parts("", b"", {})
    assert split("text") == Parts("text", b"text", {})
    text = f"a {MARK}s#x{MARK} b {MARK}s#caf\xe9{MARK}c{MARK}s#x{MARK}"
    assert split(text) == Parts(
        text,
        b"a s#x b s#caf\xe9cs#x",
        {b"s#x": (2, 5), b"s#caf\xe9": (8, 14)},
    )


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    remembered = parts._Remembered()
    monkeypatch.setattr(parts, "REMEMBERED", 100)
    for number in range(100):
        text = f"{number} {MARK}s#{number}{MARK}".ljust(20)
        assert [*remembered[text].mentions] == [b"s#%d" % number]
        assert text in remembered
        assert len(remembered) <= 5
