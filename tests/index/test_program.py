"""The engine's version covers every source that a symbol version depends on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import UsageError
from kabicheck.index.program import PACKAGE, SOURCES, engine_version
from tests.imports import imports_of, layer_of

if TYPE_CHECKING:
    from pathlib import Path


def _files(layer: str) -> list[Path]:
    return list((PACKAGE / layer).rglob("*.py")) if (PACKAGE / layer).is_dir() else [PACKAGE / f"{layer}.py"]


def test_all_layers_that_symver_is_made_of_are_hashed() -> None:
    needed = {"index"}  # which knows how results are kept
    found = {"symver"}
    while found:
        layer = found.pop()
        needed.add(layer)
        imported = {layer_of(module) for file in _files(layer) for module in imports_of(file)}
        found |= {each for each in imported if each and each not in needed}
    hashed = {source.removesuffix(".py") for source in SOURCES}
    assert needed <= hashed


def test_how_objects_are_read_is_hashed() -> None:
    assert {"pipeline/exports.py", "pipeline/reading.py"} <= set(SOURCES)


def test_every_source_is_there() -> None:
    assert all((PACKAGE / source).exists() for source in SOURCES)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return shutil.copytree(PACKAGE, tmp_path / "kabicheck")


def test_a_copy_is_the_same_engine(package: Path) -> None:
    assert engine_version(package) == engine_version()


@pytest.mark.parametrize(
    "source", ["symver/version.py", "dwarf/abbrev.py", "elf/image.py", "model/objects.py"]
)
def test_any_change_is_another_engine(package: Path, source: str) -> None:
    with (package / source).open("a") as file:
        file.write("\n")
    assert engine_version(package) != engine_version()


def test_a_new_file_is_another_engine(package: Path) -> None:
    (package / "symver/new.py").touch()
    assert engine_version(package) != engine_version()


def test_reports_do_not_matter(package: Path) -> None:
    (package / "report/new.py").touch()
    assert engine_version(package) == engine_version()


def test_without_sources_there_is_no_version(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sources are not there"):
        engine_version(tmp_path)
