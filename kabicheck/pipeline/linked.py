"""Linked files as inputs of commands: which there are, what they hold, and their units spread over processes."""

from __future__ import annotations

import os
import re
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from kabicheck.elf.image import Image
from kabicheck.errors import NoExports, ObjectError
from kabicheck.formats.folder import walk
from kabicheck.model import BuiltObject
from kabicheck.objects.debugfiles import find_debug_file
from kabicheck.objects.directory import read_directory
from kabicheck.pipeline.reading import is_object, read_object
from kabicheck.pipeline.workers import workers
from kabicheck.plain_text import counted
from kabicheck.symver.linked_unit import open_linked
from kabicheck.symver.survey import Request, Survey, image_without_types, is_linked, object_set, scan, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kabicheck.model import ObjectSet, ObjectVersions
    from kabicheck.progress import Advance, Progress
    from kabicheck.symver.linked import Scan

    Item = TypeVar("Item")
    Result = TypeVar("Result")
    # (function, items, items for one call to a worker) → results in the items' order
    Map = Callable[[Callable[[Item], Result], Sequence[Item], int], Iterator[Result]]

# A file of so many bytes is looked at by all processes together.
LARGE = 64 << 20
# Starting processes costs about as much as reading this.
WORTH_PROCESSES = 8 << 20
UNITS = 64  # that a process looks at in one go
LINKED_NAME = re.compile(r"(vmlinux(-.*|\.debug)?|.*\.ko(\.(gz|xz|zst|debug))?)")


def linked_files(folder: Path) -> list[Path]:
    """The kernels and modules below a folder, by their names. Raises FetchError.

    A link counts where it leads out of the folder, or nowhere; else what it leads to is there too.
    """
    found = [Path(parent, name) for parent, _, names in walk(folder) for name in names]
    files = [file for file in found if LINKED_NAME.fullmatch(file.name)]
    real = {os.path.realpath(file): file for file in sorted(files, key=Path.is_symlink, reverse=True)}
    return sorted(real.values())


def holds_objects(folder: Path) -> bool:
    """Whether there is an object file below a folder, as in a build: objects say more than what they are linked to.

    Raises FetchError.
    """
    return any(name.endswith(".o") for _, _, names in walk(folder) for name in names)


def is_linked_file(path: Path) -> bool:
    """Whether a file is a kernel or a module, also a packed one. Raises ObjectError for what is no ELF file."""
    return not is_object(path) and is_linked(Image(path))


def takes_more_than_objects(paths: Iterable[str]) -> bool:
    """Whether any of these is a folder or a linked file."""
    return any(path.is_dir() or is_linked_file(path) for path in map(Path, paths))


def gather(paths: Iterable[str]) -> tuple[list[BuiltObject], list[tuple[Path, str]]]:
    """The objects and the linked files (path, name) that are meant by files and folders.

    Raises NoExports, FetchError, ObjectError.
    """
    objects: list[BuiltObject] = []
    files: list[tuple[Path, str]] = []
    for path in map(Path, paths):
        if not path.is_dir():
            if is_linked_file(path):
                files.append((path, str(path)))
            else:
                objects.append(BuiltObject(str(path), path, ""))
        elif holds_objects(path):
            objects += read_directory(path).objects
        else:
            below = linked_files(path)
            if not below:
                raise NoExports(path, "holds no object, no module and no vmlinux")
            files += [(file, file.relative_to(path).as_posix()) for file in below]
    return objects, files


def request(path: Path, name: str, debug: Sequence[Path]) -> Request:
    """What to read of a linked file, with its debug file where it was stripped."""
    image = open_linked(path).image
    if not image_without_types(image):
        return Request(path, name)
    return Request(path, name, find_debug_file(path, image, debug))


@contextmanager
def processes(jobs: int, files: Iterable[Path]) -> Iterator[Map[Any, Any]]:
    """Something that maps as `map` does, in worker processes (0: one per processor) where the files are worth them."""
    jobs = jobs or len(os.sched_getaffinity(0))
    if jobs == 1 or sum(map(_size, files)) < WORTH_PROCESSES:
        yield lambda function, items, _size: map(function, items)
        return
    with workers(jobs, __name__) as pool:
        yield lambda function, items, size: pool.map(function, items, chunksize=size)


def _size(path: Path) -> int:
    """Bytes; 0 of what is not there, which is said when it is read."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def look_at(
    files: Sequence[tuple[Path, str]], debug: Sequence[Path], spread: Map[Any, Any], progress: Progress
) -> list[Survey | ObjectError]:
    """What linked files (path, name) hold, or why that cannot be told."""
    sizes = {file: _size(file[0]) for file in files}
    advance = progress.counted("looking for exports", sum(sizes.values()))
    small = [file for file in files if sizes[file] <= LARGE]
    found: dict[tuple[Path, str], Survey | ObjectError] = {}
    for file, one in zip(small, spread(partial(_look_at_one, debug), small, 4), strict=True):
        found[file] = one
        advance(sizes[file])
    for file in files:
        if file not in found:
            found[file] = _look_at_large(file, debug, spread, advance)
    return [found[file] for file in files]


def _look_at_one(debug: Sequence[Path], file: tuple[Path, str]) -> Survey | ObjectError:
    try:
        return survey(request(*file, debug))
    except ObjectError as error:
        return error


def _look_at_large(
    given: tuple[Path, str], debug: Sequence[Path], spread: Map[Any, Any], advance: Advance
) -> Survey | ObjectError:
    """One file, of which each process looks at some of the units."""
    try:
        wanted = request(*given, debug)
        file = open_linked(wanted.described)
        if not file.exports or image_without_types(file.image):
            return survey(wanted)
        starts = range(0, len(file.units.bounds), UNITS)
        scans = []
        for part in spread(partial(_scan, wanted.described), starts, 1):
            scans += part
            advance(_size(given[0]) // len(starts))
        return survey(wanted, scans)
    except ObjectError as error:
        return error


def _scan(path: Path, start: int) -> list[Scan]:
    return scan(path, start, start + UNITS)


def versions_of(
    objects: Sequence[BuiltObject], spread: Map[Any, Any], progress: Progress, *, stable: bool = False
) -> Iterator[ObjectVersions]:
    """Each object's versions, in their order. Raises ObjectError."""
    advance = progress.counted("calculating versions", len(objects))
    for versions in spread(partial(_versions, stable=stable), objects, 8):
        advance(1)
        yield versions


def _versions(built: BuiltObject, *, stable: bool) -> ObjectVersions:
    return read_object(built, stable=stable).versions()


def read_linked(path: Path, progress: Progress) -> ObjectSet:
    """All that a linked file, or those below a folder, export, as a build's objects. Raises ObjectError, NoExports."""
    _, files = gather([str(path)])
    with processes(0, [file for file, _ in files]) as spread:
        surveys = look_at(files, (), spread, progress)
    for one in surveys:
        if isinstance(one, ObjectError):
            raise one
    read = [one for one in surveys if isinstance(one, Survey) and one.exports]
    if not read:
        raise NoExports(path, "exports nothing")
    unknown = [one.name for one in read if not one.licences]
    notes = (f"{unknown[0]} {UNKNOWN_LICENCES}",) if unknown else ()
    return replace(object_set(read), notes=notes)


UNKNOWN_LICENCES = "does not say which exports are GPL-only and in which namespace, so that is not compared"


@dataclass
class Summary:
    """What was found, in words for who reads only that."""

    files: int = 0
    silent: int = 0  # files without exports
    units: int = 0
    exports: int = 0

    def __post_init__(self) -> None:
        self._reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._unread: list[ObjectError] = []

    def add(self, surveys: Iterable[Survey | ObjectError]) -> Iterator[Survey]:
        """Count files and units; those that could be read are passed on."""
        for one in surveys:
            self.files += 1
            if isinstance(one, ObjectError):
                self._unread.append(one)
                continue
            yield one
            self.silent += not one.exports
            self.units += sum(unit.number is not None for _, unit in one.units)

    def add_known(self, units: Sequence[ObjectVersions]) -> None:
        """Count a file of which everything is known already. Exports of no unit have no path."""
        self.files += 1
        self.silent += not units
        self.units += sum(bool(unit.path) for unit in units)

    def count(self, versions: ObjectVersions) -> None:
        """Count exports."""
        self.exports += len(versions.exports)
        for name, reason in versions.unversioned.items():
            self._reasons[versions.module, reason].append(name)

    @property
    def complete(self) -> bool:
        """Whether there was something to version, and all of it has a version."""
        return bool(self.exports) and not self._reasons and not self._unread

    def lines(self) -> Iterator[str]:
        """Sentences: what has no version, and how much was looked at."""
        for error in self._unread:
            yield f"error: {error}"
        for (module, reason), names in self._reasons.items():
            yield f"error: {module}: no version for {counted(len(names), 'export')}: {reason}: {' '.join(names)}"
        totals: Counter[str] = Counter()
        for (_, reason), names in self._reasons.items():
            totals[reason] += len(names)
        if len(self._reasons) > len(totals):
            for reason, number in totals.most_common():
                yield f"error: no version for {counted(number, 'export')} in all: {reason}"
        if not self.exports:
            yield "error: nothing is exported"
        yield (
            f"{counted(self.files, 'linked file')}, {self.silent:,} without exports; "
            f"{counted(self.units, 'unit')} with exports; "
            f"{counted(self.exports, 'export')}, {totals.total():,} without a version"
        )
