"""Damaged files in our own cache folder: objects and manifests of builds, and the index of versions."""

from __future__ import annotations

import os
from random import Random
from typing import TYPE_CHECKING

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.index.database import NAME
from kabicheck.index.index import Index
from kabicheck.objects.directory import read_directory
from kabicheck.objects.store import Store
from kabicheck.symver.object import ExportReading
from tests.fuzz.damage import cut, damaged, flipped, flips
from tests.fuzz.folders import write_build
from tests.fuzz.oracle import STEP, Result, outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.model import Export

KEY, HOW = "a-build", "object types=False exporter=False stable=False"


class Caches:
    """First every bit of the manifest and of an object, then random damage of those and of the index.

    What is not found any more is built again, so that a miss is as good as the sound answer.
    """

    def __init__(self, folder: Path) -> None:
        write_build(folder / "build")
        self._cache = folder / "cache"
        self._object = folder / "build/init/main.o"
        os.environ["KABICHECK_CACHE"] = str(self._cache)
        with Store.opened(self._cache) as store:
            found = store.keep(KEY, read_directory(folder / "build"))
        self._sound = frozenset(
            export for built in found.objects for export in read_exports(Image(built.file))
        )
        versions = ExportReading(self._object).versions()
        self._versions = frozenset(versions.exports)
        with Index.opened(print) as index:
            assert index.find((self._object,), HOW) is None
            index.keep((self._object,), HOW, [versions])
        files = [path for path in sorted(self._cache.rglob("*")) if path.is_file() and path.suffix != ".lock"]
        self._files = {path: path.read_bytes() for path in files if path.stat().st_size}
        self._times = {path: path.stat() for path in self._files}
        kept = [path for path in self._files if "manifests" in path.parts or "objects" in path.parts][:2]
        kept += [path for path in self._files if "manifests" in path.parts]
        self._flips = [
            (path, *one) for path in dict.fromkeys(kept) for one in flips([(0, len(self._files[path]))])
        ]
        self.first = len(self._flips)

    def attempt(self, number: int) -> Result:
        """One input."""
        rng = Random(number)
        if number < self.first:
            path, at, mask = self._flips[number * STEP % self.first]
            content, kind = flipped(self._files[path], at, mask), "one bit"
        else:
            path = rng.choice(list(self._files))
            sound = self._files[path]
            content = cut(sound, rng) if rng.random() < 0.1 else damaged(sound, rng, [(0, len(sound))])
            kind = "random"
        where = path.relative_to(self._cache).parts[0]
        path.write_bytes(content)
        if rng.random() < 0.5:  # damage that no time tells of
            os.utime(path, ns=(self._times[path].st_atime_ns, self._times[path].st_mtime_ns))
        try:
            if where.startswith(NAME):
                found = outcome(self._indexed, self._versions)
            else:
                found = outcome(self._kept, self._sound)
        finally:
            for file in self._cache.glob(f"{NAME}*"):
                if file not in self._files:
                    file.unlink()
            path.write_bytes(self._files[path])
        return Result(f"{where}: {kind}", *found)

    def _kept(self) -> Iterator[Export]:
        with Store.opened(self._cache) as store:
            found = store.find(KEY)
            if found is None:
                yield from self._sound
                return
            for built in found.objects:
                yield from read_exports(Image(built.file))

    def _indexed(self) -> Iterator[Export]:
        with Index.opened(lambda _: None) as index:
            found = index.find((self._object,), HOW)
        yield from found[0].exports if found else self._versions
