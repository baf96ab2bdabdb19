"""What the index knows of an object is what reading it would say."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from kabicheck.cli import main
from kabicheck.index import index as module
from kabicheck.index.index import Index
from kabicheck.model import BuiltObject
from kabicheck.pipeline import objects, reading
from kabicheck.pipeline.reading import find_versions, keep_versions, read_object
from tests.compare.fixture_pairs import compile_side
from tests.dwarf_writer import Unit, die, exported, function, member, pointer, struct_type, variable, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kabicheck.model import ObjectVersions


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "RACY", 0)
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def write_object(path: Path, *names: str, exports: tuple[str, ...] = ("f", "g"), size: int = 4) -> Path:
    """An object that exports some functions, and describes those with a name."""
    integer = die("base_type", name="int", byte_size=size, encoding=5)
    s = struct_type("s", member("__kabi_ignored_0", integer), member("a", integer), byte_size=8)
    section, labels = exported(*((name, "GPL", "NS") for name in exports))
    path.write_bytes(write([Unit(*(function(name, pointer(s)) for name in names))], labels, [section]))
    return path


def stand_in(path: Path, name: str, size: int = 4) -> Path:
    integer = die("base_type", name="int", byte_size=size, encoding=5)
    path.write_bytes(write([Unit(variable(f"__gendwarfksyms_ptr_{name}", pointer(integer)))]))
    return path


@contextmanager
def opened(*, verify: bool = False) -> Iterator[Index]:
    with Index.opened(pytest.fail, verify=verify) as index:
        yield index


def read(built: BuiltObject, *, stable: bool = False) -> tuple[ObjectVersions, bool]:
    """What a run knows of an object in the end, and whether it knew that from the index."""
    with opened() as index:
        found = find_versions(index, built, stable=stable)
        if found is not None:
            assert found == read_object(built, stable=stable).versions()
            return found, True
        versions = read_object(built, stable=stable).versions()
        keep_versions(index, built, versions, stable=stable)
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


# --- comparing -----------------------------------------------------------------------------------------


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

    def noted(built: BuiltObject, **options: Any) -> object:
        reads.append(built.path)
        return original(built, **options)

    monkeypatch.setattr(objects, "read_object", noted)
    assert compare(*sides) == first
    assert set(reads) == {"changed.o"}  # for the types that differ, and no other
    reads.clear()
    assert compare(*sides, "--no-cache") == first
    assert reads.count("same.o") == 2


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


# --- symver --exports ----------------------------------------------------------------------------------


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
