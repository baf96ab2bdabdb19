"""The index: path → content, by what `stat` says of the file; content → versions, by the engine that calculated them.

As in git's index, a file whose size, times, inode and device are those of its row is taken for unchanged, and its
content is not read. That is sound only where a later change would have moved the times: what was hashed within the
resolution of its own times ("racily clean" in git) gets no row, and is hashed again next time.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kabicheck.cache import cache_folder
from kabicheck.index.database import Database
from kabicheck.index.encoding import from_bytes, to_bytes
from kabicheck.index.program import engine_version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.model import ObjectVersions
    from kabicheck.progress import Warn

Files: TypeAlias = "tuple[Path | str, ...]"

RACY = 2_000_000_000  # ns: FAT counts in 2 s; Linux stamps files with a clock that is some ms late


class _Content(NamedTuple):
    """A file's content when it was asked for. settled: any later content has another stat."""

    stat: bytes
    digest: bytes
    settled: bool


class Index:
    """`find` what is known of some files; where that is nothing, calculate it from them and `keep` it."""

    def __init__(self, database: Database, engine: bytes, *, verify: bool = False) -> None:
        self._database = database
        self._engine = engine
        self._verify = verify
        self._asked: dict[tuple[Files, str], list[_Content]] = {}

    @classmethod
    @contextmanager
    def opened(cls, warn: Warn, *, verify: bool = False) -> Iterator[Index]:
        """The index of the cache folder.

        `warn` is given sentences for the user, and `verify` reads the content of every file, whatever its times are.
        Raises UsageError where there is no home folder, or where this program cannot tell which version it is.
        """
        engine = engine_version()
        with Database.opened(cache_folder(), warn) as database:
            yield cls(database, engine, verify=verify)

    def find(self, files: Files, how: str) -> tuple[ObjectVersions, ...] | None:
        """What was kept for files with this content, in this order; None where nothing was.

        how: all options that the result depends on. Of a file that cannot be read nothing is known.
        """
        if not self._database.usable:
            return None
        try:
            contents = [self._content(file) for file in files]
        except OSError:
            return None
        key = self._key(contents, how)
        data = self._database.result(key)
        if data is not None:
            try:
                return from_bytes(data, key)
            except ValueError:
                pass  # it will be calculated and put into its place
        self._asked[files, how] = contents
        return None

    def keep(self, files: Files, how: str, versions: Sequence[ObjectVersions]) -> None:
        """Keep what was calculated since `find` knew nothing of these files, if they are what they were."""
        contents = self._asked.pop((files, how), None)
        if contents is not None and all(map(_is_still, files, contents)):
            key = self._key(contents, how)
            self._database.put_result(key, to_bytes(versions, key))

    def digest(self, file: Path | str) -> bytes:
        """SHA-256 of a file's content, which is not read where its row is right. Raises OSError."""
        return self._content(file).digest

    def _content(self, file: Path | str) -> _Content:
        """Raises OSError."""
        path = os.fsencode(os.path.abspath(file))  # noqa: PTH100  pathlib's is ten times slower
        status = os.stat(file)  # noqa: PTH116  as above
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")  # a pipe may never begin, a device never end
        row = None if self._verify else self._database.file(path)
        if row is not None and row[0] == _text(status):
            return _Content(row[0], row[1], settled=True)
        content = _read(file)
        if content.settled:
            self._database.put_file(path, content.stat, content.digest)
        return content

    def _key(self, contents: Sequence[_Content], how: str) -> bytes:
        parts = [self._engine, *(content.digest for content in contents), how.encode()]
        return hashlib.sha256(b"".join(parts)).digest()


def _read(path: Path | str) -> _Content:
    with Path(path).open("rb") as file:
        now = time.time_ns()
        old = os.fstat(file.fileno())
        digest = hashlib.file_digest(file, "sha256").digest()
        new = os.fstat(file.fileno())
    newest = max(old.st_mtime_ns, old.st_ctime_ns)
    return _Content(_text(old), digest, settled=_text(old) == _text(new) and newest + RACY < now)


def _is_still(path: Path | str, content: _Content) -> bool:
    try:
        if content.settled:
            return _text(os.stat(path)) == content.stat  # noqa: PTH116  as above
        return _read(path).digest == content.digest
    except OSError:
        return False


def _text(status: os.stat_result) -> bytes:
    """What of a file's stat differs when its content does. Text: an inode may not fit into sqlite's integers."""
    parts = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)
    return b"%d %d %d %d %d" % parts
