"""The index never takes one content for another, whatever happened to a file or to the index itself."""

from __future__ import annotations

import os
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from kabicheck.index import index as module
from kabicheck.index.database import NAME, Database
from kabicheck.index.encoding import sealed
from kabicheck.index.index import Index
from kabicheck.model import Export, ObjectVersions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG_AGO = 1_600_000_000
ENGINE = b"engine"


def versions(crc: int) -> list[ObjectVersions]:
    return [ObjectVersions("", "", (Export("f", "GPL", "NS"),), {"f": crc}, {"g": "reason"}, ("warning",))]


class Cache:
    """A cache folder, and a stand-in for what calculates: the version is the content."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.calculated = 0

    @contextmanager
    def index(self, *, engine: bytes = ENGINE, verify: bool = False) -> Iterator[Index]:
        with Database.opened(self.folder, self.said.append) as database:
            yield Index(database, engine, verify=verify)

    def version(self, *files: Path, how: str = "", engine: bytes = ENGINE, verify: bool = False) -> int:
        """What a run of the program answers."""
        with self.index(engine=engine, verify=verify) as index:
            found = index.find(files, how)
            if found is None:
                self.calculated += 1
                found = tuple(versions(sum(int(file.read_text()) for file in files)))
                index.keep(files, how, found)
        assert list(found) == versions(found[0].versions["f"])
        return found[0].versions["f"]


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file whose times can be trusted: as if it had been there for a while."""
    return written(tmp_path / "x.o", 1)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file's ctime cannot be set, and waiting for it to be past takes seconds: only the test of it does."""
    monkeypatch.setattr(module, "RACY", 0)


def written(path: Path, content: int) -> Path:
    """A change that a file system's clock shows, however coarse it is, though nobody can tell by the mtime."""
    before = path.stat().st_ctime_ns if path.exists() else 0
    path.write_text(str(content))
    os.utime(path, (LONG_AGO, LONG_AGO))
    while path.stat().st_ctime_ns == before:
        os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def content_is_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files whose content is hashed from now on."""
    read: list[str] = []

    def noted(path: Path | str) -> module._Content:
        read.append(str(path))
        return original(path)

    original = module._read
    monkeypatch.setattr(module, "_read", noted)
    return read


# --- the same again ------------------------------------------------------------------------------------


def test_a_second_run_calculates_and_reads_nothing(
    cache: Cache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache.version(file) == 1
    read = content_is_read(monkeypatch)
    assert cache.version(file) == 1
    assert (cache.calculated, read, cache.said) == (1, [], [])


def test_a_file_that_moved_is_known_by_its_content(cache: Cache, file: Path, tmp_path: Path) -> None:
    cache.version(file)
    assert cache.version(file.rename(tmp_path / "y.o")) == 1
    assert cache.calculated == 1


def test_results_of_many_parts_and_of_none(cache: Cache, file: Path) -> None:
    for number, results in enumerate([[], versions(1) + versions(2)]):
        with cache.index() as index:
            assert index.find((file,), str(number)) is None
            index.keep((file,), str(number), results)
        with cache.index() as index:
            assert index.find((file,), str(number)) == tuple(results)


def test_a_file_that_is_not_there_is_not_known(cache: Cache, file: Path) -> None:
    cache.version(file)
    file.unlink()
    with cache.index() as index:
        assert index.find((file,), "") is None


def test_a_pipe_is_not_waited_for_and_not_known(cache: Cache, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with cache.index() as index:
        assert index.find((tmp_path / "pipe",), "") is None


# --- files that changed --------------------------------------------------------------------------------


def test_other_content_with_the_same_size_and_modification_time(cache: Cache, file: Path) -> None:
    cache.version(file)
    old = file.stat()
    written(file, 2)
    new = file.stat()
    assert (old.st_size, old.st_mtime_ns, old.st_ino) == (
        new.st_size,
        new.st_mtime_ns,
        new.st_ino,
    )
    assert cache.version(file) == 2


def test_another_file_in_its_place(cache: Cache, file: Path, tmp_path: Path) -> None:
    cache.version(file)
    written(tmp_path / "new", 2).rename(file)
    assert cache.version(file) == 2
    assert cache.version(file) == 2
    assert cache.calculated == 2


def test_a_link_that_points_elsewhere(cache: Cache, file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.o"
    link.symlink_to(file)
    cache.version(link)
    link.unlink()
    link.symlink_to(written(tmp_path / "y.o", 2))
    assert cache.version(link) == 2


def test_a_fresh_file_is_hashed_until_its_times_are_past(
    cache: Cache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RACY", 3600 * 10**9)
    cache.version(file)
    assert rows(cache, "files") == []
    read = content_is_read(monkeypatch)
    assert cache.version(file) == 1
    assert (cache.calculated, len(read)) == (1, 1)
    monkeypatch.setattr(module, "RACY", 0)
    cache.version(file)
    read.clear()
    cache.version(file)
    assert read == []


def test_a_change_within_the_resolution_of_times(
    cache: Cache, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a coarse file system does: nothing of the file's stat moves."""
    monkeypatch.setattr(module, "RACY", 3600 * 10**9)
    monkeypatch.setattr(module, "_text", lambda stat: b"the same")
    cache.version(file)
    written(file, 2)
    assert cache.version(file) == 2


@pytest.mark.parametrize("racy", [0, 3600 * 10**9])
def test_a_change_while_it_is_read_is_not_kept(
    cache: Cache, file: Path, monkeypatch: pytest.MonkeyPatch, racy: int
) -> None:
    monkeypatch.setattr(module, "RACY", racy)
    with cache.index() as index:
        assert index.find((file,), "") is None
        written(file, 2)
        index.keep((file,), "", versions(2))
    assert rows(cache, "results") == []
    assert cache.version(written(file, 1)) == 1


def test_forged_times_are_caught_when_asked_to(cache: Cache, file: Path) -> None:
    cache.version(file)
    written(file, 2)
    stat = file.stat()
    forged = f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino} {stat.st_dev}".encode()
    with sqlite3.connect(cache.folder / NAME) as database:
        [(digest,)] = database.execute("SELECT digest FROM files")
        row = forged, sealed(digest[4:], os.fsencode(file) + forged)
        database.execute("UPDATE files SET stat = ?, digest = ?", row)
    database.close()
    assert cache.version(file) == 1  # the forgery works
    assert cache.version(file, verify=True) == 2
    assert cache.version(file) == 2  # and is repaired


# --- all else that a result depends on -----------------------------------------------------------------


def test_another_engine_and_other_options_calculate_anew(cache: Cache, file: Path) -> None:
    for engine, how in ((ENGINE, ""), (b"other", ""), (ENGINE, "stable")):
        cache.version(file, engine=engine, how=how)
    assert cache.calculated == 3
    cache.version(file)
    assert cache.calculated == 3  # and the first is not forgotten


def test_every_file_counts_and_so_does_its_place(cache: Cache, file: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "types.o", 5)
    assert cache.version(file, other) == 6
    assert cache.version(other, file) == 6
    assert cache.calculated == 2
    written(other, 7)
    assert cache.version(file, other) == 8


def rows(cache: Cache, table: str) -> list[bytes]:
    connection = sqlite3.connect(cache.folder / NAME)
    found = connection.execute(f"SELECT key FROM {table}").fetchall()
    connection.close()
    return [key for (key,) in found]
