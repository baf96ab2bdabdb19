"""What rustc makes: a committed object and what gendwarfksyms said of it (data/README.md)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import rust_exports
from kabicheck.errors import Unsupported
from kabicheck.symver.object import ExportReading
from tests.symver.objects import both_ways

DATA = Path(__file__).parent / "data"
SIDES = ("shapes", "shapes_changed")


def recorded_versions(side: str) -> dict[str, int]:
    """The committed object's versions, by gendwarfksyms."""
    rows = re.findall(r"^\| (\w+) +\| (0x\w+) +\| (0x\w+)", (DATA / "README.md").read_text(), re.MULTILINE)
    return {row[0]: int(row[1 + SIDES.index(side)], 16) for row in rows}


@pytest.mark.parametrize("side", SIDES)
def test_versions_and_types_are_those_of_gendwarfksyms(side: str) -> None:
    image = Image(DATA / f"{side}.o")
    answer = both_ways(image, rust_exports(image))
    assert answer.versions == recorded_versions(side)
    assert len(answer.versions) == 4
    lines = (DATA / f"{side}.symtypes").read_text().splitlines()
    assert [f"{name} {text}" for name, text in answer.types.items()] == lines
    assert answer.proven, "no reason for the exact walk"


def test_exports_o_itself_is_refused(tmp_path: Path) -> None:
    """Its debug information says `int` of everything."""
    path = tmp_path / "rust" / "exports.o"
    path.parent.mkdir()
    path.write_bytes((DATA / "shapes.o").read_bytes())
    with pytest.raises(Unsupported, match="other objects define"):
        ExportReading(path)
