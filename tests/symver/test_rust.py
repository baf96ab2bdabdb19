"""What rustc makes: a committed object and what gendwarfksyms said of it (data/README.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import rust_exports
from kabicheck.errors import Unsupported
from kabicheck.symver.object import ExportReading
from tests.rust_build import OBJECTS, SIDES, recorded_versions
from tests.symver.objects import both_ways

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("side", SIDES)
def test_versions_and_types_are_those_of_gendwarfksyms(side: str) -> None:
    image = Image(OBJECTS / f"{side}.o")
    answer = both_ways(image, rust_exports(image))
    assert answer.versions == recorded_versions(side)
    assert len(answer.versions) == 4
    lines = (OBJECTS / f"{side}.symtypes").read_text().splitlines()
    assert [f"{name} {text}" for name, text in answer.types.items()] == lines
    assert answer.proven, "no reason for the exact walk"


def test_exports_o_itself_is_refused(tmp_path: Path) -> None:
    """Its debug information says `int` of everything."""
    path = tmp_path / "rust" / "exports.o"
    path.parent.mkdir()
    path.write_bytes((OBJECTS / "shapes.o").read_bytes())
    with pytest.raises(Unsupported, match="other objects define"):
        ExportReading(path)
