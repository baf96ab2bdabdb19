"""Linked files as inputs of commands: which there are, what they hold, and their units spread over processes."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kabicheck.commands.reading import read_object
from kabicheck.elf.image import Image
from kabicheck.errors import NoExports
from kabicheck.objects.debugfiles import find_debug_file
from kabicheck.symver.survey import Request, Survey, image_without_types, is_linked, scan, survey
from kabicheck.symver.unit import open_linked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kabicheck.model import BuiltObject, ObjectVersions

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    # (function, items, items for one call to a worker) → results in the items' order
    Map = Callable[[Callable[[Item], Result], Sequence[Item], int], Iterator[Result]]

# A file of so many bytes is looked at by all processes together.
LARGE = 64 << 20
UNITS = 64  # that a process looks at in one go
LINKED_NAME = re.compile(r"(vmlinux(-.*|\.debug)?|.*\.ko(\.(gz|xz|zst|debug))?)")


def linked_files(folder: Path) -> list[Path]:
    """The kernels and modules below a folder, by their names. Links are left out: they lead to what is there too."""
    files = (Path(parent, name) for parent, _, names in os.walk(folder) for name in names)
    return sorted(file for file in files if LINKED_NAME.fullmatch(file.name) and not file.is_symlink())


def holds_objects(folder: Path) -> bool:
    """Whether there is an object file below a folder, as in a build: objects say more than what they are linked to."""
    return any(name.endswith(".o") for _, _, names in os.walk(folder) for name in names)


def is_linked_file(path: Path) -> bool:
    """Whether a file is a kernel or a module. Raises ObjectError for what is no ELF file."""
    return is_linked(Image(path))


def request(path: Path, name: str, debug: Sequence[Path]) -> Request:
    """What to read of a linked file, with its debug file where it was stripped."""
    image = open_linked(path).image
    if not image_without_types(image):
        return Request(path, name)
    return Request(path, name, find_debug_file(path, image, debug))


@contextmanager
def processes(jobs: int) -> Iterator[Map[Any, Any]]:
    """Something that maps as `map` does, in worker processes where there is more than one."""
    if jobs == 1:
        yield lambda function, items, _size: map(function, items)
        return
    # Not a plain fork: this process may show progress from a thread.
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(jobs, context) as pool:
        try:
            yield lambda function, items, size: pool.map(function, items, chunksize=size)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def look_at(
    files: Sequence[tuple[Path, str]],
    debug: Sequence[Path],
    spread: Map[Any, Any],
    step: Callable[[int], None],
) -> list[Survey]:
    """What linked files (path, name) hold. step: is told of bytes that were looked at. Raises ObjectError."""
    small = [file for file in files if file[0].stat().st_size <= LARGE]
    found: dict[str, Survey] = {}
    for (path, name), one in zip(small, spread(partial(_look_at_one, debug), small, 4), strict=True):
        found[name] = one
        step(path.stat().st_size)
    for path, name in files:
        if name not in found:
            found[name] = _look_at_large(request(path, name, debug), spread, step)
    return [found[name] for _, name in files]


def _look_at_one(debug: Sequence[Path], file: tuple[Path, str]) -> Survey:
    return survey(request(*file, debug))


def _look_at_large(wanted: Request, spread: Map[Any, Any], step: Callable[[int], None]) -> Survey:
    """One file, of which each process looks at some of the units."""
    file = open_linked(wanted.described)
    if not file.exports or image_without_types(file.image):
        return survey(wanted)
    count = len(file.units.bounds)
    starts = range(0, count, UNITS)
    size = wanted.path.stat().st_size // len(starts)
    scans = []
    for part in spread(partial(_scan, wanted.described), starts, 1):
        scans += part
        step(size)
    return survey(wanted, scans)


def _scan(path: Path, start: int) -> list[Any]:
    return scan(path, start, start + UNITS)


def versions_of(
    objects: Sequence[BuiltObject], spread: Map[Any, Any], step: Callable[[int], None]
) -> Iterator[ObjectVersions]:
    """Each object's versions, in their order. step: is told of exports that were looked at."""
    for versions in spread(_versions, objects, 8):
        step(len(versions.exports))
        yield versions


def _versions(built: BuiltObject) -> ObjectVersions:
    return read_object(built).versions()


@dataclass
class Summary:
    """What was found, in words for who reads only that."""

    files: int = 0
    silent: int = 0  # files without exports
    units: int = 0
    exports: int = 0

    def __post_init__(self) -> None:
        self._reasons: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, surveys: Iterable[Survey]) -> None:
        """Count files and units."""
        for one in surveys:
            self.files += 1
            self.silent += not one.exports
            self.units += sum(unit.number is not None for _, unit in one.units)

    def count(self, versions: ObjectVersions) -> None:
        """Count exports."""
        self.exports += len(versions.exports)
        for name, reason in versions.unversioned.items():
            self._reasons[versions.module, reason].append(name)

    @property
    def missing(self) -> int:
        """How many exports have no version."""
        return sum(map(len, self._reasons.values()))

    def lines(self) -> Iterator[str]:
        """Sentences: what has no version, and how much was looked at."""
        for (module, reason), names in self._reasons.items():
            exports = "export" if len(names) == 1 else "exports"
            yield f"error: {module}: no version for {len(names)} {exports}: {reason}: {' '.join(names)}"
        totals = Counter({reason: 0 for _, reason in self._reasons})
        for (_, reason), names in self._reasons.items():
            totals[reason] += len(names)
        if len(self._reasons) > 1:
            for reason, number in totals.most_common():
                yield f"error: no version for {number:,} in all: {reason}"
        yield (
            f"{self.files:,} files ({self.silent:,} of them export nothing), {self.units:,} units with exports, "
            f"{self.exports:,} exports, {self.missing:,} of them without a version"
        )


def require_exports(surveys: Sequence[Survey], name: str) -> None:
    """Raise NoExports where none of the files exports anything."""
    if not any(one.exports for one in surveys):
        raise NoExports(name, "exports nothing")
