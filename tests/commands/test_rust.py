"""A kernel build with Rust, as reports and errors have it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.rust_build import (
    recorded_versions,
    write_changed_builds,
)

if TYPE_CHECKING:
    from pathlib import Path


AREA, CHANGED = recorded_versions("shapes")["area"], recorded_versions("shapes_changed")["area"]


@pytest.fixture
def builds(tmp_path: Path) -> tuple[Path, Path]:
    return write_changed_builds(tmp_path)


def test_a_changed_rust_type_is_a_cause(
    builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *map(str, builds)]) == 1
    out = capsys.readouterr().out
    assert "2 × 2 objects · 6 exports compared" in out
    assert "struct shapes::geometry::Shape::Square: member added\n" in out
    assert re.search(r"^  \+ +turned: bool, +/\* 1 1 \*/$", out, re.MULTILINE)
    assert "enum shapes::geometry::Shape: member type changed\n" in out
    assert re.search(r"^ +Circle\(shapes::geometry::Point<i32>\) = 0, /\* 0 16 \*/$", out, re.MULTILINE)
    assert f"area {AREA:#010x} → {CHANGED:#010x}" in out
    assert "FAILED: 1 export changed by 2 causes" in out
    assert main(["compare", str(builds[1]), str(builds[1])]) == 0


def test_exports_o_alone_is_refused(builds: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    alone = str(builds[0] / "rust/exports.o")
    assert main(["symver", "--exports", alone]) == 2
    assert main(["compare", alone, alone]) == 2
    assert "other objects define" in capsys.readouterr().err
