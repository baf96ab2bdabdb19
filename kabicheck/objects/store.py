"""Collected objects by content, and manifests that say which of them a build gave.

A build folder moves on to the next commit; what was collected from it stays here:

    CACHE/objects/ab/cdef…       a file, named by its SHA-256
    CACHE/manifests/KEY.json     an ObjectSet, sealed; its modification time is its last use
    CACHE/manifests/KEY.pieces   which others an ObjectSet is put together from (incremental.py), sealed

No name is believed: an object whose content is not its digest, and a manifest whose seal is broken, are as good as
none, and what is kept anew takes their place.

Objects are copies, not links: objtool and strip change their files in place. Everyone who uses the store
holds its lock shared; the least recently used manifests, and the objects that no other manifest needs, are
removed only under the exclusive lock, that is when nobody uses any.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kabicheck.cache import (
    cache_folder,
    digest_of,
    locked,
    locked_if_free,
    named,
    read_sealed,
    remove,
    write_sealed,
)
from kabicheck.model import BuiltObject, ObjectSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LIMIT = 4 << 30  # bytes of objects that may stay
RECIPES = 1000
FILES = ("file", "types", "exporter")  # of a BuiltObject


class Store:
    """Use `with Store.opened() as store`: what it hands out stays until the block ends."""

    def __init__(
        self, folder: Path, digest: Callable[[Path], bytes] = digest_of, below: Store | None = None
    ) -> None:
        self.folder = folder
        self._digest = digest
        self._below = below
        self._sound: set[Path] = set()  # whose content was found to be their digest's, in this run
        self._objects = folder / "objects"
        self._manifests = folder / "manifests"
        self._used = False  # to keep something

    @classmethod
    @contextlib.contextmanager
    def opened(
        cls,
        folder: Path | None = None,
        limit: int = LIMIT,
        digest: Callable[[Path], bytes] = digest_of,
        *,
        below: Store | None = None,
    ) -> Iterator[Store]:
        """Hold the store's lock; on leaving, prune what grew to `limit` bytes unless somebody else is at work.

        `digest` gives the SHA-256 of a file's content, which may be known without reading it, or raises OSError.
        `below` is another store, open, in which is looked first, and nothing is written.
        """
        store = cls(folder or cache_folder(), digest, below)
        lock = store.folder / "objects.lock"
        with locked(lock, shared=True):
            yield store
        if store._used:
            with locked_if_free(lock) as free:
                if free:
                    store.prune(limit)

    def put(self, file: Path) -> Path:
        """Keep a copy of a file; returns where, which is a function of its content."""
        self._used = True
        self._objects.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._objects, prefix=".new-")
        copy = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target, file.open("rb") as source:
                shutil.copyfileobj(source, target, 1 << 20)
            with copy.open("rb") as target:
                digest = hashlib.file_digest(target, "sha256").hexdigest()
            place = self._place(digest)
            for damaged in (path for path in (place.parent, place) if path.exists()):
                if damaged.is_dir() is (damaged == place):
                    remove(damaged)
            place.parent.mkdir(exist_ok=True)
            copy.replace(place)
            self._sound.add(place)
        except BaseException as error:
            copy.unlink(missing_ok=True)
            if isinstance(error, OSError):
                named(error, self._objects)
            raise
        return place

    def keep(self, key: str, found: ObjectSet) -> ObjectSet:
        """Keep all files of an ObjectSet and the set itself under `key`; returns it with those files."""
        kept = [
            replace(
                built,
                file=self.put(built.file),
                types=self.put(built.types) if built.types else None,
                exporter=self.put(built.exporter) if built.exporter else None,
            )
            for built in found.objects
        ]
        result = replace(found, objects=tuple(kept))
        self._used = True
        write_sealed(self._manifest(key), json.dumps(_to_json(result)).encode())
        return result

    def find(self, key: str) -> ObjectSet | None:
        """The ObjectSet that was kept under `key`, all its files present and sound, nothing built; else None."""
        if self._below and (found := self._below.find(key)):
            return found
        manifest = self._manifest(key)
        try:
            found = self._from_json(json.loads(read_sealed(manifest)))
            os.utime(manifest)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        files = (file for built in found.objects for file in _files(built))
        return found if all(map(self._is_sound, files)) else None

    def _is_sound(self, file: Path) -> bool:
        """Whether a file of the store is there, and its content is what its name says."""
        if file not in self._sound:
            try:
                if self._digest(file).hex() != file.parent.name + file.name:
                    return False
            except OSError:
                return False
            self._sound.add(file)
        return file.is_file()

    def keep_recipe(self, key: str, recipe: bytes) -> None:
        """Keep which other manifests an ObjectSet is put together from."""
        write_sealed(self._recipe(key), recipe)

    def recipe(self, key: str) -> bytes:
        """What was kept so. Raises OSError, and ValueError for what is damaged."""
        if self._below:
            with contextlib.suppress(OSError, ValueError):
                return self._below.recipe(key)
        found = read_sealed(self._recipe(key))
        os.utime(self._recipe(key))
        return found

    def temporary(self) -> Path:
        """A folder for what is needed for a moment, on the same file system."""
        self._used = True
        folder = self.folder / "temporary"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def prune(self, limit: int) -> None:
        """Remove the least recently used manifests until what the others need fits into `limit` bytes.

        Only under the exclusive lock. The most recent manifest stays, however large.
        """
        total = 0
        needed: set[str] = set()
        manifests = _newest_first(self._manifests.glob("*.json"))
        for number, manifest in enumerate(manifests):
            digests = _digests(manifest) - needed
            files = [manifest, *map(self._place, digests)]
            size = sum(file.stat().st_size for file in files if file.exists())
            if number and total + size > limit:
                remove(manifest)
                continue
            total += size
            needed |= digests
        for file in self._objects.glob("*/*"):
            if file.parent.name + file.name not in needed:
                remove(file)
        for leftover in self._objects.glob(".new-*"):
            remove(leftover)
        for recipe in _newest_first(self._manifests.glob("*.pieces"))[RECIPES:]:
            remove(recipe)
        shutil.rmtree(self.folder / "temporary", ignore_errors=True)

    def _place(self, digest: str) -> Path:
        return self._objects / digest[:2] / digest[2:]

    def _recipe(self, key: str) -> Path:
        return self._manifests / f"{key}.pieces"

    def _manifest(self, key: str) -> Path:
        return self._manifests / f"{key}.json"

    def _from_json(self, data: dict[str, Any]) -> ObjectSet:
        objects = tuple(
            BuiltObject(
                path=built["path"],
                file=self._place(built["file"]),
                types=self._place(built["types"]) if built["types"] else None,
                module=built["module"],
                reference=built["reference"],
                depends=tuple(built["depends"]),
                complete=built["complete"],
                goal=built["goal"],
                exporter=self._place(built["exporter"]) if built["exporter"] else None,
                source=built["source"],
                unlisted=tuple(built["unlisted"]),
            )
            for built in data["objects"]
        )
        data |= {
            "objects": objects,
            "absent": tuple(data["absent"]),
            "without_exports": tuple(data["without_exports"]),
            "made_from": {path: tuple(files) for path, files in data["made_from"].items()},
            "notes": tuple(data["notes"]),
            "built": 0,
        }
        return ObjectSet(**data)


def _newest_first(files: Iterable[Path]) -> list[Path]:
    return sorted(files, key=lambda path: path.lstat().st_mtime_ns, reverse=True)


def _files(built: BuiltObject) -> list[Path]:
    return [file for file in (built.file, built.types, built.exporter) if file]


def _to_json(found: ObjectSet) -> dict[str, Any]:
    """Files by their digest, so that the cache folder can be moved."""
    data = asdict(found)
    for built in data["objects"]:
        for name in FILES:
            if file := built[name]:
                built[name] = file.parent.name + file.name
    return data


def _digests(manifest: Path) -> set[str]:
    """The objects that a manifest needs; none for one that cannot be read, which is then useless anyway."""
    try:
        objects = json.loads(read_sealed(manifest))["objects"]
        return {built[name] for built in objects for name in FILES if built[name]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
