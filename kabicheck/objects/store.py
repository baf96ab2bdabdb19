"""Collected objects by content, and manifests that say which of them a build gave.

A build folder moves on to the next commit; what was collected from it stays here:

    CACHE/objects/ab/cdef…       a file, named by its SHA-256
    CACHE/manifests/KEY.json     an ObjectSet; its modification time is its last use
    CACHE/manifests/KEY.pieces   which others an ObjectSet is put together from (pieced.py)

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

from kabicheck.cache import cache_folder, locked, locked_if_free, write_atomically
from kabicheck.model import BuiltObject, ObjectSet

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 4 << 30  # bytes of objects that may stay
RECIPES = 1000
FILES = ("file", "types", "exporter")  # of a BuiltObject


class Store:
    """Use `with Store.opened() as store`: what it hands out stays until the block ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._objects = folder / "objects"
        self._manifests = folder / "manifests"
        self._used = False  # to keep something

    @classmethod
    @contextlib.contextmanager
    def opened(cls, folder: Path | None = None, limit: int = LIMIT) -> Iterator[Store]:
        """Hold the store's lock; on leaving, prune what grew to `limit` bytes unless somebody else is at work."""
        store = cls(folder or cache_folder())
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
            place.parent.mkdir(exist_ok=True)
            copy.replace(place)
        except BaseException:
            copy.unlink(missing_ok=True)
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
        write_atomically(self._manifest(key), json.dumps(_to_json(result)).encode())
        return result

    def find(self, key: str) -> ObjectSet | None:
        """The ObjectSet that was kept under `key`, all its files present, nothing built; else None."""
        manifest = self._manifest(key)
        try:
            found = self._from_json(json.loads(manifest.read_bytes()))
            os.utime(manifest)
        except (OSError, ValueError, KeyError, TypeError):
            return None
        files = (file for built in found.objects for file in _files(built))
        return found if all(file.is_file() for file in files) else None

    def recipe(self, key: str) -> Path:
        """Where it is written down which other manifests an ObjectSet is put together from."""
        return self._manifests / f"{key}.pieces"

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
        manifests = sorted(
            self._manifests.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True
        )
        for number, manifest in enumerate(manifests):
            digests = _digests(manifest) - needed
            files = [manifest, *map(self._place, digests)]
            size = sum(file.stat().st_size for file in files if file.exists())
            if number and total + size > limit:
                manifest.unlink()
                continue
            total += size
            needed |= digests
        for file in self._objects.glob("*/*"):
            if file.parent.name + file.name not in needed:
                file.unlink()
        for leftover in self._objects.glob(".new-*"):
            leftover.unlink()
        for recipe in sorted(self._manifests.glob("*.pieces"), key=lambda path: -path.stat().st_mtime_ns)[
            RECIPES:
        ]:
            recipe.unlink()
        shutil.rmtree(self.folder / "temporary", ignore_errors=True)

    def _place(self, digest: str) -> Path:
        return self._objects / digest[:2] / digest[2:]

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
        objects = json.loads(manifest.read_bytes())["objects"]
        return {built[name] for built in objects for name in FILES if built[name]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()
