"""A second run of `compare` and `symver` says the same, and reads what the index does not know."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.index import index as module
from kabicheck.pipeline import object_reader, reading
from tests.compare.fixture_pairs import compile_side

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.model import BuiltObject
    from kabicheck.pipeline.read_options import ReadOptions

from tests.pipeline.small_objects import write_object


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "RACY", 0)
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def sides(tmp_path: Path) -> list[str]:
    """Two folders with an object that changed and one that did not, which has a warning."""
    for side in ("old", "new"):
        (tmp_path / side).mkdir()
        shutil.copy(compile_side("member_retyped", side, tmp_path), tmp_path / side / "changed.o")
        write_object(tmp_path / side / "same.o", "f", "g")
    return [str(tmp_path / "old"), str(tmp_path / "new")]


@pytest.fixture
def compare(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(["compare", *arguments])
        out, err = capsys.readouterr()
        return status, out[out.index("\n\n") :], err  # behind the header with its times

    return run


def test_a_second_comparison_says_the_same(
    sides: list[str], compare: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare(*sides)
    assert first[0] == 1
    assert "struct async_domain: member type changed" in first[1]
    reads: list[str] = []
    original = reading.read_object

    def noted(built: BuiltObject, options: ReadOptions) -> object:
        reads.append(built.path)
        return original(built, options)

    monkeypatch.setattr(object_reader, "read_object", noted)
    assert compare(*sides) == first
    assert set(reads) == {"changed.o"}  # for the types that differ, and no other
    reads.clear()
    assert compare(*sides, "--no-cache") == first
    assert reads.count("same.o") == 1  # for both sides, where it is the same


def test_a_changed_object_is_seen(sides: list[str], compare: Callable[..., tuple[int, str, str]]) -> None:
    assert compare(sides[1], sides[1])[0] == 0
    assert compare(*sides)[0] == 1
    shutil.copy(f"{sides[0]}/changed.o", f"{sides[1]}/changed.o")
    assert compare(*sides)[0] == 0


def test_no_cache_keeps_nothing(
    sides: list[str], compare: Callable[..., tuple[int, str, str]], own_cache: Path
) -> None:
    compare(*sides, "--no-cache")
    assert not own_cache.exists()


def test_a_cache_that_cannot_be_used_is_a_warning(
    sides: list[str], compare: Callable[..., tuple[int, str, str]], own_cache: Path
) -> None:
    wanted = compare(*sides, "--no-cache")
    own_cache.touch()
    status, out, err = compare(*sides)
    assert (status, out) == wanted[:2]
    versions, report = err.splitlines()
    assert versions.startswith("kabicheck: warning: ")
    assert "the cache cannot be used" in versions
    assert report == "kabicheck: warning: explain will not know this report: Not a directory"


def test_verify_cache_reads_all_files(
    sides: list[str], compare: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = compare(*sides)
    hashed: list[str] = []
    original = module._read

    def noted(path: Path | str) -> module._Content:
        hashed.append(os.fspath(path))
        return original(path)

    monkeypatch.setattr(module, "_read", noted)
    assert compare(*sides) == first
    assert hashed == []
    assert compare(*sides, "--verify-cache") == first
    assert len(hashed) == 4


def test_a_second_run_of_symver_says_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = [str(write_object(tmp_path / f"{name}.o", *names)) for name, names in (("x", "fg"), ("y", "g"))]
    shown = []
    for _ in range(2):
        assert main(["symver", "--exports", *objects]) == 2
        shown.append(capfd.readouterr())
        monkeypatch.setattr("kabicheck.symver.object.ExportReading", None)  # nothing is read from now on
    assert shown[0] == shown[1]
    assert shown[0].out.count("#SYMVER") == 3
    assert f"{objects[1]}: no version for f: " in shown[0].err


def test_symver_reads_what_types_are_asked_of(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = str(write_object(tmp_path / "x.o", "f", "g"))
    for _ in range(2):
        assert main(["symver", "--exports", "--dump-types", path]) == 0
        assert "s#s structure_type s" in capfd.readouterr().err
