"""Rows in a database of the cache folder, which several processes may use at once and which is never needed.

    CACHE/versions-2.sqlite      files    path → stat, SHA-256 of the content, sealed
                                 results  key → data

Where the folder cannot be used, or the database turns out to be damaged, there is a sentence for the user, and from
then on nothing is known. A damaged database is removed when nobody else has it open: whoever uses it holds its lock
shared, since sqlite must not find one database's journal beside another.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from kabicheck.cache import locked, locked_if_free
from kabicheck.errors import UsageError
from kabicheck.index.encoding import sealed, unsealed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.progress import Warn

NAME = "versions-2.sqlite"  # another number for other tables: two versions of kabicheck may share a cache
LIMIT = 256 << 20  # bytes
MOST_DATA = 64 << 20  # bytes of a row; the versions of a vmlinux are one megabyte
WAIT = 10.0  # s for another process to write
INTERVAL = 1.0  # s between writes, since each waits for the disk
DAY = 86_400  # s: how exactly a row's last use is known

_TABLES = """
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, stat BLOB, digest BLOB, used INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS results (key BLOB PRIMARY KEY, data BLOB, used INTEGER);
"""
_FILE = "SELECT stat, digest, used FROM files WHERE key = ?"
_RESULT = "SELECT data, used FROM results WHERE key = ?"
_WRITES = {
    "file": "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)",
    "result": "INSERT OR REPLACE INTO results VALUES (?, ?, ?)",
    "file used": "UPDATE files SET used = ? WHERE key = ?",
    "result used": "UPDATE results SET used = ? WHERE key = ?",
}
_SIZE = """
SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size
"""
_FORGET = "DELETE FROM {0} WHERE key IN (SELECT key FROM {0} ORDER BY used LIMIT 1 + (SELECT count(*) FROM {0}) / 4)"

# Errors of the place and the moment; all others mean that the file is not what we wrote.
_CIRCUMSTANCES = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_PERM, sqlite3.SQLITE_READONLY,
}  # fmt: skip
# sqlite3 lets through that the text of a damaged file is none
_FAILURES = (sqlite3.Error, UnicodeDecodeError)


class Database:
    """Use `with Database.opened(…) as database`. What is put is written now and then, and on leaving."""

    def __init__(self, folder: Path, warn: Warn, limit: int) -> None:
        self._path = folder / NAME
        self._lock_path = self._path.with_suffix(".lock")
        self._lock = ExitStack()
        self._warn = warn
        self._limit = limit
        self._connection: sqlite3.Connection | None = None
        self._damaged = False
        self._pending: dict[str, list[tuple[Any, ...]]] = {kind: [] for kind in _WRITES}
        self._now = int(time.time())
        self._written = time.monotonic()

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, warn: Warn, limit: int = LIMIT) -> Iterator[Database]:
        """The database of a cache folder. limit: bytes, beyond which the least recently used rows go."""
        database = cls(folder, warn, limit)
        with database._lock:
            try:
                database._open()
            except UsageError as error:
                warn(str(error))
            try:
                yield database
            finally:
                database.write()
                database._close()
        if database._damaged:
            database._discard()

    @property
    def usable(self) -> bool:
        """Whether anything can be known or kept."""
        return self._connection is not None

    def file(self, path: bytes) -> tuple[bytes, bytes] | None:
        """The stat and the digest that were put for a path."""
        match self._row(_FILE, path):
            case bytes(stat), bytes(data), int(used):
                with suppress(ValueError):
                    digest = unsealed(data, path + stat)
                    self._touch("file used", path, used)
                    return stat, digest
        return None

    def result(self, key: bytes) -> bytes | None:
        """The data that was put under a key."""
        match self._row(_RESULT, key):
            case bytes(data), int(used):
                self._touch("result used", key, used)
                return data
        return None

    def put_file(self, path: bytes, stat: bytes, digest: bytes) -> None:
        """Keep what a file is."""
        self._put("file", path, stat, sealed(digest, path + stat), self._now)

    def put_result(self, key: bytes, data: bytes) -> None:
        """Keep a result; none that is larger than MOST_DATA."""
        if len(data) < MOST_DATA:
            self._put("result", key, data, self._now)

    def write(self) -> None:
        """Write what was put so far, in one transaction."""
        pending = {kind: rows for kind, rows in self._pending.items() if rows}
        if self._connection is None or not pending:
            return
        try:
            with self._connection as connection:
                connection.execute("BEGIN IMMEDIATE")
                for kind, rows in pending.items():
                    connection.executemany(_WRITES[kind], rows)
                self._forget(connection)
        except _FAILURES as error:
            self._give_up(error)
        for rows in pending.values():
            rows.clear()
        self._written = time.monotonic()

    # --- rows

    def _row(self, query: str, key: bytes) -> tuple[Any, ...] | None:
        if self._connection is None:
            return None
        try:
            row: tuple[Any, ...] | None = self._connection.execute(query, (key,)).fetchone()
        except _FAILURES as error:
            self._give_up(error)
            return None
        return row

    def _touch(self, kind: str, key: bytes, used: int) -> None:
        if self._now - used > DAY:
            self._put(kind, self._now, key)

    def _put(self, kind: str, *row: object) -> None:
        self._pending[kind].append(row)
        if time.monotonic() - self._written > INTERVAL:
            self.write()

    def _forget(self, connection: sqlite3.Connection) -> None:
        """Remove the least recently used rows until the others fit. Freed pages are used again."""
        while connection.execute(_SIZE).fetchone()[0] > self._limit:
            removed = [connection.execute(_FORGET.format(table)).rowcount for table in ("files", "results")]
            if not any(removed):
                return

    # --- the file

    def _open(self) -> None:
        """Raises UsageError where the folder cannot be used."""
        self._connect()
        if self._damaged:
            self._lock.close()
            self._discard()
            self._connect()

    def _connect(self) -> None:
        self._lock.enter_context(locked(self._lock_path, shared=True))
        self._damaged = False
        try:
            self._connection = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None)
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_DATA)
            self._connection.execute("PRAGMA trusted_schema = OFF")
            self._connection.executescript(_TABLES)
            for query in (_FILE, _RESULT):  # which fails where the tables are not ours
                self._connection.execute(query, (b"",))
        except _FAILURES as error:
            self._give_up(error)

    def _give_up(self, error: sqlite3.Error | UnicodeDecodeError) -> None:
        self._close()
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        self._damaged = code not in _CIRCUMSTANCES
        problem = "is damaged and will be started anew" if self._damaged else "cannot be used"
        self._warn(f"{self._path}: the index of versions {problem}: {error}")

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _discard(self) -> None:
        """Remove the file, unless it cannot be, or somebody else is at work, who will find out as well."""
        with suppress(OSError, UsageError), locked_if_free(self._lock_path) as free:
            if free:
                for path in (self._path.with_name(f"{NAME}-journal"), self._path):
                    path.unlink(missing_ok=True)
