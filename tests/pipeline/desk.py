"""Inputs that are written for a test, and what comparing them says."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.pipeline.input_pairs import compare_inputs, of_equal_extent
from kabicheck.pipeline.inputs import read_input
from kabicheck.pipeline.reading import read_object
from tests.compare.fixture_pairs import compile_side
from tests.formats.symtypes_files import write_symtypes

if TYPE_CHECKING:
    from kabicheck.model import ChangeKind, Comparison
    from kabicheck.symver.object import ExportReading


DATA = Path(__file__).parents[1] / "formats/data"


INT = "base_type int byte_size(4) encoding(5)"


@dataclass
class Desk:
    """Where inputs are written."""

    path: Path

    def write(self, name: str, *lines: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines))
        return file

    def folder(self, name: str) -> Path:
        return self.path / name


def compare(old: Path, new: Path) -> Comparison:
    old_side, new_side, _ = of_equal_extent(read_input(old), read_input(new))
    return compare_inputs(old_side, new_side)


def names(comparison: Comparison, kind: ChangeKind) -> set[str]:
    return {change.name for change in comparison.changes if change.kind is kind}


def causes(comparison: Comparison) -> dict[str, list[str]]:
    """Type or export → the exports that it changes."""
    return {c.reference: [name for _, name in c.exports] for c in comparison.causes.values()}


def write_builds(folder: Path) -> tuple[Path, Path]:
    """Folders with one object without and with a change."""
    for side in ("old", "new"):
        (folder / side / "lib").mkdir(parents=True)
        shutil.copy(compile_side("member_retyped", side, folder / "made"), folder / side / "lib/x.o")
    return folder / "old", folder / "new"


def reading(folder: Path) -> ExportReading:
    [built] = read_input(folder).objects.objects
    return read_object(built)


def symtypes_of(folder: Path, where: Path) -> Path:
    """What gendwarfksyms would write of lib/x.o."""
    (where / "lib").mkdir(parents=True)
    write_symtypes(where / "lib/x.symtypes", reading(folder).types())
    return where
