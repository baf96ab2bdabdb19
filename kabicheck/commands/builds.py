"""The comparison of two sets of objects: each pair is read and compared in a worker process of its own."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.comparable import require_comparable
from kabicheck.compare.diff import ObjectDifference, compare_object, join
from kabicheck.formats.symtypes import SUFFIX
from kabicheck.symver.object import ExportReading
from kabicheck.symver.recorded import RecordedTypes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kabicheck.model import BuiltObject, Comparison, ObjectSet, Toolchain

    Pair = tuple[BuiltObject | None, BuiltObject | None]


@dataclass(frozen=True, slots=True)
class BuildComparison:
    """notes: sentences for the report; toolchain: what made the new side's first object, where known."""

    comparison: Comparison
    notes: tuple[str, ...] = ()
    toolchain: Toolchain | None = None


@dataclass(frozen=True, slots=True)
class PairResult:
    """What a worker says of one object."""

    difference: ObjectDifference
    notes: tuple[str, ...]
    toolchain: Toolchain | None


def compare_builds(old: ObjectSet, new: ObjectSet, jobs: int = 0) -> BuildComparison:
    """Compare all objects of two sides; objects with the same path are each other's versions.

    jobs: worker processes, 0 for one per processor. Raises KabicheckError for an object that cannot be read.
    """
    before = {built.path: built for built in old.objects}
    after = {built.path: built for built in new.objects}
    pairs = [(before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys())]
    results = list(_results(pairs, jobs or len(os.sched_getaffinity(0))))
    comparison = join([result.difference for result in results], _types_of(before), _types_of(after))
    notes = dict.fromkeys(note for result in results for note in result.notes)
    toolchain = next((result.toolchain for result in results if result.toolchain), None)
    return BuildComparison(comparison, tuple(notes), toolchain)


def read_object(built: BuiltObject) -> ExportReading | RecordedTypes:
    """An object's exports, versions and types, from itself or from what was recorded of it."""
    if built.file.suffix == SUFFIX:
        return RecordedTypes(built.file, built.path, built.module)
    return ExportReading(built.file, types=built.types, name=built.path, module=built.module)


def compare_pair(pair: Pair) -> PairResult:
    """Read an object on both sides and compare it with its former self."""
    old, new = (None if built is None else read_object(built) for built in pair)
    was = old.versions() if old else None
    became = new.versions() if new else None
    notes = [f"{side.path}: {warning}" for side in (was, became) if side for warning in side.warnings]
    if was and became and was.toolchain and became.toolchain:
        notes.append(require_comparable(became.path, was.toolchain, became.toolchain))
    difference = compare_object(
        was,
        became,
        old.types if old else None,
        new.types if new else None,
        old_locate=old.reading.locations if isinstance(old, ExportReading) else None,
        new_locate=new.reading.locations if isinstance(new, ExportReading) else None,
    )
    return PairResult(difference, tuple(filter(None, notes)), became.toolchain if became else None)


def _results(pairs: list[Pair], jobs: int) -> Iterator[PairResult]:
    if jobs == 1 or len(pairs) < 2:
        yield from map(compare_pair, pairs)
        return
    with ProcessPoolExecutor(min(jobs, len(pairs))) as pool:
        yield from pool.map(compare_pair, pairs)


def _types_of(objects: Mapping[str, BuiltObject]) -> Callable[[str], Mapping[str, str]]:
    """Path → type strings of that object, which is read again: only exports that moved need it."""
    return lambda path: read_object(objects[path]).types()
