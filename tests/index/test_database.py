"""The database under several processes, kills, damage and limits: it may forget, and never lies."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from kabicheck.index import database as module
from kabicheck.index.database import NAME, Database

if TYPE_CHECKING:
    from pathlib import Path

# Writes numbered rows, each of which says its own number, as quickly as it can.
WRITER = """\
import sys
from pathlib import Path
from kabicheck.index import database
database.INTERVAL = 0.0
folder, first, last = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
with database.Database.opened(folder, lambda sentence: print(sentence, file=sys.stderr)) as rows:
    for number in range(first, last):
        rows.put_result(b"%d" % number, b"%d" % number * 200)
        print(number, flush=True)
"""


def writer(folder: Path, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(folder), str(first), str(last)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def known(folder: Path, numbers: range) -> set[int]:
    """The numbers whose rows are there, and right."""
    said: list[str] = []
    found = set()
    with Database.opened(folder, said.append) as rows:
        for number in numbers:
            data = rows.result(b"%d" % number)
            if data is not None:
                assert data == b"%d" % number * 200
                found.add(number)
    assert said == []
    return found


def integrity(folder: Path) -> str:
    connection = sqlite3.connect(folder / NAME)
    (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
    connection.close()
    return str(answer)


# --- several processes ---------------------------------------------------------------------------------


def test_two_at_once(tmp_path: Path) -> None:
    both = [writer(tmp_path, 0, 150), writer(tmp_path, 100, 250)]
    for process in both:
        _, errors = process.communicate()
        assert (process.returncode, errors) == (0, "")
    assert known(tmp_path, range(300)) == set(range(250))


def test_a_kill_loses_nothing_that_was_written(tmp_path: Path) -> None:
    for first in range(0, 50_000, 10_000):
        process = writer(tmp_path, first, first + 10_000)
        assert process.stdout
        last = next(int(line) for line in process.stdout if int(line) >= first + 20 + first // 2000)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        # a row is printed after its transaction
        assert known(tmp_path, range(first, first + 10_000)) >= set(range(first, last + 1))
    assert integrity(tmp_path) == "ok"


def test_a_kill_leaves_no_lock(tmp_path: Path) -> None:
    process = writer(tmp_path, 0, 10_000_000)
    assert process.stdout
    process.stdout.readline()
    process.kill()
    process.communicate()
    (tmp_path / NAME).write_bytes(b"x" * 5000)
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        assert rows.usable
    assert len(said) == 1


# --- damage --------------------------------------------------------------------------------------------


def filled(folder: Path, rows: int = 200) -> Path:
    with Database.opened(folder, pytest.fail) as database:
        for number in range(rows):
            database.put_result(b"%d" % number, b"%d" % number * 200)
    return folder / NAME


@pytest.mark.parametrize("content", [b"no database " * 500, b"SQLite format 3\0" + b"\xff" * 5000])
def test_what_is_no_database_is_replaced(tmp_path: Path, content: bytes) -> None:
    filled(tmp_path).write_bytes(content)
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        assert rows.result(b"1") is None
        rows.put_result(b"1", b"1" * 200)
    assert len(said) == 1
    assert "damaged" in said[0]
    assert known(tmp_path, range(5)) == {1}


def test_a_table_whose_text_is_none_is_replaced(tmp_path: Path) -> None:
    """sqlite3 raises no error of its own then."""
    path = filled(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"CREATE TABLE", b"CREATE\xa2TABLE"))
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        assert rows.result(b"1") is None
    assert len(said) == 1
    assert "damaged" in said[0]


def test_another_ones_database_is_replaced(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / NAME) as other:
        other.execute("CREATE TABLE results (something)")
    other.close()
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        rows.put_result(b"1", b"1" * 200)
    assert len(said) == 1
    assert known(tmp_path, range(5)) == {1}


def test_torn_pages_are_found_out_and_removed(tmp_path: Path) -> None:
    path = filled(tmp_path)
    content = bytearray(path.read_bytes())
    content[8 * 4096 :] = bytes(len(content) - 8 * 4096)  # of 12 or more, behind those that opening reads
    path.write_bytes(content)
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        for number in range(200):
            assert rows.result(b"%d" % number) in (None, b"%d" % number * 200)
        rows.put_result(b"1", b"1" * 200)  # goes nowhere, and hurts nobody
    assert len(said) == 1
    assert not path.exists()
    filled(tmp_path)
    assert known(tmp_path, range(200)) == set(range(200))


def test_a_damaged_database_that_others_use_stays(tmp_path: Path) -> None:
    said: list[str] = []
    with Database.opened(tmp_path, said.append):
        (tmp_path / NAME).write_bytes(b"x" * 5000)
        with Database.opened(tmp_path, said.append) as second:
            assert not second.usable
            assert second.result(b"1") is None
        assert (tmp_path / NAME).exists()
    assert all("damaged" in sentence for sentence in said)


def test_a_damaged_database_that_cannot_be_removed_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one's file in a folder with the sticky bit: nobody but its owner may remove it."""

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted", str(path))

    filled(tmp_path).write_bytes(b"x" * 5000)
    monkeypatch.setattr(type(tmp_path), "unlink", refused)
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        assert not rows.usable
    assert said
    assert all("damaged" in sentence for sentence in said)


def test_rows_of_other_types_are_not_known(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE results SET data = 'text' WHERE key = ?", (b"1",))
        database.execute("UPDATE results SET used = 'never' WHERE key = ?", (b"2",))
        database.execute("UPDATE results SET data = NULL WHERE key = ?", (b"3",))
    database.close()
    assert known(tmp_path, range(5)) == {0, 4}


# --- the folder ----------------------------------------------------------------------------------------


def test_a_folder_that_cannot_be_used_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said: list[str] = []
    with Database.opened(tmp_path / "file", said.append) as rows:
        assert not rows.usable
        assert rows.result(b"1") is None
        rows.put_result(b"1", b"1")
        rows.write()
    assert len(said) == 1
    assert "KABICHECK_CACHE" in said[0]


def test_a_place_that_is_no_file_is_said_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        assert not rows.usable
    assert len(said) == 1
    assert "cannot be used" in said[0]
    assert (tmp_path / NAME).is_dir()


def test_a_database_that_is_held_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAIT", 0.05)
    path = filled(tmp_path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    said: list[str] = []
    with Database.opened(tmp_path, said.append) as rows:
        assert not rows.usable
    assert "locked" in said[0]
    holder.close()
    assert known(tmp_path, range(200)) == set(range(200))


# --- limits --------------------------------------------------------------------------------------------


def test_the_least_recently_used_rows_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 1 << 20
    monkeypatch.setattr(module, "INTERVAL", 0.0)
    start = int(time.time())
    for round_ in range(30):
        monkeypatch.setattr(time, "time", lambda now=start + round_ * 2 * module.DAY: now)
        with Database.opened(tmp_path, pytest.fail, limit) as rows:
            assert (rows.result(b"often") is None) == (round_ == 0)
            if round_ == 0:
                rows.put_result(b"often", b"x")
            for number in range(10):
                rows.put_result(b"%d %d" % (round_, number), bytes(10_000))
        assert (tmp_path / NAME).stat().st_size < limit * 5 / 4
    with Database.opened(tmp_path, pytest.fail, limit) as rows:
        assert rows.result(b"0 0") is None
        assert rows.result(b"29 9") is not None


def test_what_is_too_large_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_DATA", 1000)
    with Database.opened(tmp_path, pytest.fail) as rows:
        rows.put_result(b"1", bytes(2000))
        rows.put_result(b"2", bytes(500))
    with Database.opened(tmp_path, pytest.fail) as rows:
        assert rows.result(b"1") is None
        assert rows.result(b"2") == bytes(500)
