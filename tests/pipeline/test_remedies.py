"""What keeps the ABI is said at every size, within a stated time."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.kabi_macros import compile_header

if TYPE_CHECKING:
    from pathlib import Path

OBJECTS = 70
OLD = "struct s { char a; long b; }; struct t { long a; long b; };"
NEW = "struct s { char a; int n; long b; }; struct t { long a; };"
CODE = "int f(struct s *p) { return !p; } int g(struct t *p) { return !p; }"


@pytest.fixture
def sides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two folders with many objects, all of which changed."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    for side, header in (("old", OLD), ("new", NEW)):
        one = compile_header(header, tmp_path / side / "0.o", CODE, ("f", "g"))
        for number in range(1, OBJECTS):
            shutil.copy(one, one.with_name(f"{number}.o"))
    return str(tmp_path / "old"), str(tmp_path / "new")


def test_many_objects(
    sides: tuple[str, str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["compare", *sides]) == 1
    out = capsys.readouterr().out
    assert f"{2 * OBJECTS} exports changed by 2 causes" in out
    assert "  keep the ABI: KABI_IGNORE(0, int n); (take care: " in out
    assert "  keep the ABI: no rule is safe: b is gone, or something larger is at its place\n" in out
    assert "what keeps the ABI was looked for" not in out

    monkeypatch.setattr("kabicheck.pipeline.stages.MOST_SECONDS", -1)
    assert main(["compare", *sides]) == 1
    out = capsys.readouterr().out
    assert "keep the ABI:" not in out
    [note] = [line for line in out.splitlines() if line.startswith("note: what keeps the ABI")]
    assert "too short for 2 causes: `kabicheck suggest` and --suggest take the time that they need" in note
