"""Ready-made objects in a tar archive, which may come from anywhere: nothing of it is trusted.

Only files that a build leaves and that are of use here are unpacked, as regular files, in folders that we
made ourselves; names that lead out, links that do, devices and bombs refuse the whole archive.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import posixpath
import shutil
import tarfile
import tempfile
import zlib
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self

from kabicheck.errors import FetchError, KabicheckError
from kabicheck.formats.folder import DEEPEST
from kabicheck.objects.collect import LISTS
from kabicheck.objects.directory import read_directory

if TYPE_CHECKING:
    from kabicheck.model import ObjectSet
    from kabicheck.objects.store import Store

MEMBERS = 1_000_000
TOTAL = 64 << 30  # bytes that all members may claim, unpacked
UNPACKED = 16 << 30  # bytes of those that are of use
# Object files are packed to a tenth, and a header of 512 bytes for each member to less; a bomb to a thousandth.
COMPRESSION = 64
SMALL = 4 << 20  # bytes that any archive may unpack to
HEADER = 1 << 20  # bytes of an extended header, which tarfile reads into memory
LONGEST = 2048  # bytes of a member's name
ZSTD = b"\x28\xb5\x2f\xfd"

_EXTENDED = {
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
}
_DAMAGED = (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError)


class _Member(tarfile.TarInfo):
    """A member whose extended headers are bounded before tarfile reads them."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        member = super().frombuf(buf, encoding, errors)
        if member.type in _EXTENDED and member.size > HEADER:
            raise FetchError("a member's extended header is too large")
        return member


def read_archive(path: Path, store: Store) -> ObjectSet:
    """The exporting objects of a tar archive (plain, gz, bz2, xz; zst where Python can), kept in the store.

    Raises FetchError, and what `read_directory` raises.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FetchError(f"{path}: {error.strerror}") from error
    key = f"archive-{digest}"
    if found := store.find(key):
        return _from(path, found)
    with tempfile.TemporaryDirectory(dir=store.temporary(), prefix="archive-") as folder:
        unpack(path, Path(folder))
        try:
            found = read_directory(Path(folder), str(path))
        except KabicheckError as error:
            raise _about_archive(error, folder, path) from None
        return _from(path, store.keep(key, found))


def _from(path: Path, found: ObjectSet) -> ObjectSet:
    """With the archive's name for errors: it may have had another one when it was unpacked."""
    return replace(found, objects=tuple(replace(built, archive=str(path)) for built in found.objects))


def _about_archive(error: KabicheckError, folder: str, path: Path) -> KabicheckError:
    """The same error about a member of the archive, not about a folder that nobody knows."""
    for place in (os.path.realpath(folder), folder):
        error.message = error.message.replace(f"{place}/", f"{path}: ").replace(place, str(path))
    error.args = (error.message,)
    return error


def unpack(path: Path, folder: Path) -> None:
    """Unpack what is of use into an empty folder. Raises FetchError; the folder is then of no use."""
    try:
        with tarfile.open(path, "r:*", tarinfo=_Member) as archive:
            most = min(TOTAL, max(SMALL, path.stat().st_size * COMPRESSION))
            _unpack_members(archive, folder, most)
            _require_end(archive, most)
    except FetchError as error:
        raise FetchError(f"{path}: {error.message}", hint=error.hint) from error
    except _DAMAGED as error:
        raise _unreadable(path, error) from error


def _unpack_members(archive: tarfile.TarFile, folder: Path, most: int) -> None:
    """Unpack into `folder`. All members may take `most` bytes, headers and what is of no use included."""
    claimed = unpacked = 0
    for number in count():
        member = archive.next()
        if member is None:
            break
        archive.members = []  # type: ignore[attr-defined]  # tarfile would keep all, to look up names
        name = _checked_name(member)
        claimed += tarfile.BLOCKSIZE + member.size
        if number >= MEMBERS or claimed > most:
            raise FetchError("unpacks to more than a build would", hint="pack object files and lists only")
        if not _is_of_use(name):
            continue
        unpacked += member.size
        if unpacked > UNPACKED:
            raise FetchError("its object files are larger than a build's")
        source = archive.extractfile(member) if member.isreg() else None
        if source is None:
            if member.isdir():
                continue
            raise FetchError(f"{name} is not a regular file", hint="tar --dereference --hard-dereference")
        target = folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("wb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            raise FetchError(f"{name} is a file and a folder") from None
        with file:
            shutil.copyfileobj(source, file, 1 << 20)


def _require_end(archive: tarfile.TarFile, most: int) -> None:
    """Raise FetchError for an archive that is cut off, or that something follows, of `most` bytes at most.

    An archive can be cut off between two members, and a second one can follow (cat one two); tarfile would say neither.
    All zeros are the end.
    """
    file = archive.fileobj
    assert file is not None
    file.seek(archive.offset)
    if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise FetchError("the archive is cut off")
    followed = 0
    while chunk := file.read(1 << 20):  # to the end of the compressed data and its check sum
        followed += len(chunk)
        if chunk.count(0) < len(chunk):
            raise FetchError("something follows behind the end of the archive", hint="pack all into one")
        if followed > most:
            raise FetchError("unpacks to more than a build would")


def _checked_name(member: tarfile.TarInfo) -> str:
    """The member's path, normalised. Raises FetchError for one that could do harm."""
    name = posixpath.normpath(member.name)
    if len(name) > LONGEST or name.count("/") > DEEPEST:
        raise FetchError(f"member {name[:60]!r}… has a longer name than a build's files have")
    if _leads_out(name) or "\0" in name:
        raise FetchError(f"member {member.name!r} leads out of the archive")
    if member.issym() or member.islnk():
        start = posixpath.dirname(name) if member.issym() else ""
        # `source` is kbuild's own link from the build folder to the source tree; it is not unpacked.
        if _leads_out(posixpath.normpath(posixpath.join(start, member.linkname))) and name != "source":
            raise FetchError(f"link {member.name!r} leads out of the archive", hint="pack without it")
    elif not (member.isreg() or member.isdir()):
        raise FetchError(f"member {member.name!r} is neither a file nor a folder")
    return name


def _leads_out(name: str) -> bool:
    return name == ".." or name.startswith(("/", "../"))


def _is_of_use(name: str) -> bool:
    base = posixpath.basename(name)
    return name == ".config" or base in LISTS or base.endswith((".o", ".mod", ".o.cmd"))


def _unreadable(path: Path, error: Exception) -> FetchError:
    try:
        with path.open("rb") as file:
            zstd = file.read(4) == ZSTD
    except OSError:
        zstd = False
    if zstd:
        return FetchError(f"{path}: this Python cannot read zstd", hint="unzstd it first")
    return FetchError(f"{path}: not a readable tar archive: {error}")
