"""What the index knows of an object is what reading it would say."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from kabicheck.index import index as module
from kabicheck.index.index import Index
from kabicheck.model import BuiltObject
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.pipeline.reading import find_versions, keep_versions, read_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.model import ObjectVersions
from tests.pipeline.small_objects import stand_in, write_object


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "RACY", 0)
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@contextmanager
def opened(*, verify: bool = False) -> Iterator[Index]:
    with Index.opened(pytest.fail, verify=verify) as index:
        yield index


def read(built: BuiltObject, *, stable: bool = False) -> tuple[ObjectVersions, bool]:
    """What a run knows of an object in the end, and whether it knew that from the index."""
    with opened() as index:
        found = find_versions(index, built, ReadOptions(stable))
        if found is not None:
            assert found == read_object(built, ReadOptions(stable)).versions()
            return found, True
        versions = read_object(built, ReadOptions(stable)).versions()
        keep_versions(index, built, versions, ReadOptions(stable))
        return versions, False


def test_an_object_is_known_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    built = BuiltObject("lib/x.o", write_object(tmp_path / "x.o", "f"), "mod")
    first, _ = read(built)
    assert list(first.unversioned) == ["g"]
    assert read(built) == (first, True)
    elsewhere = replace(built, path="net/y.o", module="other")
    assert read(elsewhere) == (replace(first, path="net/y.o", module="other"), True)


def test_an_object_without_a_path_is_called_by_its_file(tmp_path: Path) -> None:
    built = BuiltObject("", write_object(tmp_path / "x.o", "f"), "")
    assert read(built)[0].path == read(built)[0].path == str(tmp_path / "x.o")


def test_stable_is_another_question(tmp_path: Path) -> None:
    built = BuiltObject("x.o", write_object(tmp_path / "x.o", "f"), "")
    plain, _ = read(built)
    stable, known = read(built, stable=True)
    assert not known
    assert plain.versions != stable.versions
    assert (read(built), read(built, stable=True)) == ((plain, True), (stable, True))


def test_a_stand_in_that_changes_is_another_question(tmp_path: Path) -> None:
    built = BuiltObject("x.o", write_object(tmp_path / "x.o", exports=("f",)), "")
    without, _ = read(built)
    assert list(without.unversioned) == ["f"]
    built = replace(built, types=stand_in(tmp_path / "x.gendwarfksyms.o", "f"))
    first, known = read(built)
    assert not known
    assert list(first.versions) == ["f"]
    assert read(built) == (first, True)
    stand_in(tmp_path / "x.gendwarfksyms.o", "f", size=8)
    second, known = read(built)
    assert not known
    assert second.versions != first.versions


def test_the_exporter_of_rust_symbols_is_refused_whatever_is_known(tmp_path: Path) -> None:
    built = BuiltObject("x.o", write_object(tmp_path / "x.o", "f", "g"), "")
    read(built)
    (tmp_path / "rust").mkdir()
    exporter = tmp_path / "rust/exports.o"
    shutil.copy(built.file, exporter)
    with opened() as index:
        assert find_versions(index, replace(built, file=exporter)) is None


def test_without_an_index_nothing_is_known(tmp_path: Path) -> None:
    built = BuiltObject("x.o", write_object(tmp_path / "x.o", "f"), "")
    assert find_versions(None, built) is None
    keep_versions(None, built, read_object(built).versions())
