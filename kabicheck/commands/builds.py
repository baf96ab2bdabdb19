"""The comparison of two sets of objects: each pair is read and compared in a worker process of its own."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING

from kabicheck.compare.comparable import require_comparable
from kabicheck.compare.diff import ObjectDifference, compare_object, join
from kabicheck.formats.symtypes import SUFFIX
from kabicheck.symver.object import ExportReading
from kabicheck.symver.recorded import RecordedTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from kabicheck.compare.explain import Locate
    from kabicheck.model import BuiltObject, Comparison, Location, ObjectSet, ObjectVersions, Toolchain

# Starting processes costs about as much as comparing this many objects.
WORTH_PROCESSES = 24


@dataclass(frozen=True, slots=True)
class BuildComparison:
    """notes: sentences for the report; toolchain: what made the new side's first object, where known."""

    comparison: Comparison
    notes: tuple[str, ...] = ()
    toolchain: Toolchain | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """What a worker is given: an object on both sides, and the source trees that their debug information names."""

    old: BuiltObject | None
    new: BuiltObject | None
    old_source: str = ""
    new_source: str = ""
    stable: bool = False


@dataclass(frozen=True, slots=True)
class PairResult:
    """What a worker says of one object."""

    difference: ObjectDifference
    notes: tuple[str, ...]
    toolchain: Toolchain | None


def compare_builds(old: ObjectSet, new: ObjectSet, jobs: int = 0, *, stable: bool = False) -> BuildComparison:
    """Compare all objects of two sides; objects with the same path are each other's versions.

    jobs: worker processes, 0 for one per processor; stable: obey kABI rules and `__kabi_*` members in the objects.
    Raises KabicheckError for an object that cannot be read.
    """
    before = {built.path: built for built in old.objects}
    after = {built.path: built for built in new.objects}
    paths = sorted(before.keys() | after.keys())
    pairs = [Pair(before.get(path), after.get(path), old.source, new.source, stable) for path in paths]
    results = list(_results(pairs, jobs or len(os.sched_getaffinity(0))))
    comparison = join(
        [result.difference for result in results],
        _types_of(before, stable=stable),
        _types_of(after, stable=stable),
    )
    notes = dict.fromkeys(note for result in results for note in result.notes)
    toolchain = next((result.toolchain for result in results if result.toolchain), None)
    return BuildComparison(comparison, tuple(notes), toolchain)


def read_object(built: BuiltObject, *, stable: bool = False) -> ExportReading | RecordedTypes:
    """An object's exports, versions and types, from itself or from what was recorded of it."""
    if built.file.suffix == SUFFIX:
        return RecordedTypes(built.file, built.path, built.module)
    return ExportReading(
        built.file,
        types=built.types,
        exporter=built.exporter,
        name=built.path,
        module=built.module,
        stable=stable,
    )


def compare_pair(pair: Pair) -> PairResult:
    """Read an object on both sides and compare it with its former self."""
    old = read_object(pair.old, stable=pair.stable) if pair.old else None
    new = read_object(pair.new, stable=pair.stable) if pair.new else None
    was = old.versions() if old else None
    became = new.versions() if new else None
    notes = [f"{side.path}: {warning}" for side in (was, became) if side for warning in side.warnings]
    if was and became and was.toolchain and became.toolchain:
        notes.append(require_comparable(became.path, was.toolchain, became.toolchain))
    notes += [_cross_check(*side) for side in ((pair.old, was), (pair.new, became))]
    difference = compare_object(
        was,
        became,
        old.types if old else None,
        new.types if new else None,
        old_locate=_locator(old, pair.old_source),
        new_locate=_locator(new, pair.new_source),
    )
    return PairResult(difference, tuple(filter(None, notes)), became.toolchain if became else None)


def _cross_check(built: BuiltObject | None, versions: ObjectVersions | None) -> str:
    """Whether a build with CONFIG_GENDWARFKSYMS calculated the same versions; a sentence where it did not."""
    if built is None or versions is None:
        return ""
    names = [n for n, crc in built.reference.items() if versions.versions.get(n, crc) != crc]
    if not names:
        return ""
    return f"{built.path}: the build itself has other versions for {', '.join(sorted(names)[:5])} ({len(names)} in all)"


def _locator(reading: ExportReading | RecordedTypes | None, source: str) -> Locate | None:
    """Where declarations are, relative to the source tree; nowhere for what kbuild pipes into the compiler.

    That is the stand-in of an assembly object, which holds a pointer of each export's type and no declaration.
    """
    if not isinstance(reading, ExportReading):
        return None
    places = reading.reading

    def locate(names: Collection[str]) -> Mapping[str, Location]:
        found = places.locations(names)
        return {
            name: replace(where, file=_inside(where.file, source))
            for name, where in found.items()
            if not where.file.endswith("<stdin>")
        }

    return locate


def _inside(file: str, source: str) -> str:
    prefix = source.rstrip("/") + "/"
    return file.removeprefix(prefix) if source else file


def _results(pairs: list[Pair], jobs: int) -> Iterator[PairResult]:
    if jobs == 1 or len(pairs) < WORTH_PROCESSES:
        yield from map(compare_pair, pairs)
        return
    # Not a plain fork: this process may show progress from a thread.
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(min(jobs, len(pairs)), context) as pool:
        yield from pool.map(compare_pair, pairs, chunksize=4)


def _types_of(objects: Mapping[str, BuiltObject], *, stable: bool) -> Callable[[str], Mapping[str, str]]:
    """Path → type strings of that object, which is read again: only exports that moved need it."""
    return lambda path: read_object(objects[path], stable=stable).types()
