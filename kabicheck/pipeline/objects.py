"""The comparison of two sets of objects: each pair is read and compared in a worker process of its own."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING

from kabicheck.compare.comparable import require_comparable
from kabicheck.compare.detail import BRIEF
from kabicheck.compare.difference import ObjectDifference, compare_object, join
from kabicheck.compare.hidden import hidden_by_rules
from kabicheck.errors import ObjectError
from kabicheck.objects.kernel_config import either_checks_calls
from kabicheck.pipeline.kabi_notes import rule_notes
from kabicheck.pipeline.object_reader import ObjectReader, ReadObject
from kabicheck.pipeline.read_options import PLAIN, ReadOptions
from kabicheck.pipeline.workers import processes_for, workers
from kabicheck.symver.kabi_members import PREFIX as KABI_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kabicheck.compare.detail import Detail
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.model import BuiltObject, Comparison, Hidden, ObjectSet, ObjectVersions

# Starting processes costs about as much as comparing this many objects.
WORTH_PROCESSES = 24


@dataclass(frozen=True, slots=True)
class SideOfPair:
    """An object on one side, for a worker.

    built: The object.
    options: How it is read.
    source: The source tree that debug information names, "" where that is not known.
    versions: Its versions, None where they are not known without decoding it.
    plain_versions: Its versions without any rules, None where they are not known or not asked for.
    """

    built: BuiltObject
    options: ReadOptions = PLAIN
    source: str = ""
    versions: ObjectVersions | None = None
    plain_versions: ObjectVersions | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """An object on both sides, for a worker.

    old, new: The object on either side, None for a side that does not have it.
    look_behind: Whether it is looked for what rules hide, too.
    detail: How much is said of each cause.
    cfi: Whether kernels of either side check the prototypes of indirect calls, None where that is not known.
    """

    old: SideOfPair | None
    new: SideOfPair | None
    look_behind: bool = False
    detail: Detail = BRIEF
    cfi: bool | None = None

    @property
    def sides(self) -> tuple[SideOfPair, ...]:
        """Those that there are, the old one first."""
        return tuple(side for side in (self.old, self.new) if side)


@dataclass(frozen=True, slots=True)
class PairResult:
    """What a worker says of one object.

    difference: What differs between both sides.
    notes: Sentences for the report.
    old_versions, new_versions: Its versions on either side, None for a side that does not have it.
    used: The rules outside the source that something was found for.
    old_plain, new_plain: Its versions without rules, None where these were not needed.
    """

    difference: ObjectDifference
    notes: tuple[str, ...]
    old_versions: ObjectVersions | None
    new_versions: ObjectVersions | None
    used: frozenset[KabiRule] = frozenset()
    old_plain: ObjectVersions | None = None
    new_plain: ObjectVersions | None = None


# --- both sides ------------------------------------------------------------------------------------


def compare_builds(
    old: ObjectSet,
    new: ObjectSet,
    options: ReadOptions = PLAIN,
    reader: ObjectReader | None = None,
    *,
    jobs: int = 0,
    detail: Detail = BRIEF,
    look_behind: bool = False,
    going_on: Callable[[], None] = lambda: None,
) -> Comparison:
    """Compare all objects of two sides; objects with the same path are each other's versions.

    options: How the new side is read; the old one is read without the rules outside the source.
    reader: Knows what was read before, and remembers what is read in this process.
    jobs: How many worker processes, 0 for one per processor.
    detail: How much is said of each cause.
    look_behind: Whether it is looked for what rules hide, too.
    going_on: Is called for each object, and may raise what ends the comparison.
    Raises KabicheckError for an object that cannot be read.
    """
    reader = reader or ObjectReader()
    cfi = either_checks_calls(old.config, new.config)
    look_behind = look_behind and options.stable
    pairs = [
        replace(pair, look_behind=look_behind, detail=detail, cfi=cfi)
        for pair in _pairs(old, new, options, reader, look_behind=look_behind)
    ]
    results = []
    for pair, result in zip(pairs, _results(pairs, jobs, reader), strict=True):
        going_on()
        results.append(result)
        _learn(reader, pair, result)
    comparison = join(
        [result.difference for result in results],
        reader.side(old, options.old),
        reader.side(new, options),
        detail=detail,
        cfi=cfi,
    )
    return _with_what_was_read(comparison, results, options)


def _pairs(
    old: ObjectSet, new: ObjectSet, options: ReadOptions, reader: ObjectReader, *, look_behind: bool
) -> Iterator[Pair]:
    """The objects of both sides by path, with what is known of their versions."""
    old_built = {built.path: built for built in old.objects}
    new_built = {built.path: built for built in new.objects}
    for path in sorted(old_built.keys() | new_built.keys()):
        pair = Pair(
            _side_of_pair(old_built.get(path), options.old, old.source, reader),
            _side_of_pair(new_built.get(path), options, new.source, reader),
        )
        yield _with_plain_versions(pair, reader) if look_behind else pair


def _side_of_pair(
    built: BuiltObject | None, options: ReadOptions, source: str, reader: ObjectReader
) -> SideOfPair | None:
    if built is None:
        return None
    # Which rules outside the source did something, only the object says.
    known = None if options.kabi else reader.known_versions(built, options)
    return SideOfPair(built, options, source, known)


def _with_plain_versions(pair: Pair, reader: ObjectReader) -> Pair:
    """With what is known of the versions without rules, where these may be others."""

    def with_plain(side: SideOfPair | None) -> SideOfPair | None:
        return side and replace(side, plain_versions=reader.known_versions(side.built))

    if any(side.options.kabi or (side.versions and side.versions.ruled) for side in pair.sides):
        return replace(pair, old=with_plain(pair.old), new=with_plain(pair.new))
    return pair


def _results(pairs: Sequence[Pair], jobs: int, reader: ObjectReader) -> Iterator[PairResult]:
    """The pairs' results in their order."""
    jobs = processes_for(jobs, sum(map(_is_work, pairs)), WORTH_PROCESSES)
    if jobs == 1:
        yield from (compare_pair(pair, reader) for pair in pairs)
        return
    with workers(min(jobs, len(pairs)), __name__) as pool:
        yield from pool.map(compare_pair, pairs, chunksize=4)


def _is_work(pair: Pair) -> bool:
    """Whether an object is decoded: one whose versions are not known, or differ."""
    if any(side.versions is None for side in pair.sides):
        return True
    if pair.old is None or pair.new is None:
        return False
    old, new = pair.old.versions, pair.new.versions
    assert old and new
    if pair.look_behind and (old.ruled or new.ruled):
        old, new = pair.old.plain_versions, pair.new.plain_versions
    return not (old and new) or old.versions != new.versions


def _learn(reader: ObjectReader, pair: Pair, result: PairResult) -> None:
    """Remember versions that a worker calculated."""
    of_sides = (
        (pair.old, result.old_versions, result.old_plain),
        (pair.new, result.new_versions, result.new_plain),
    )
    for side, versions, plain in of_sides:
        if side and versions:
            reader.learn(side.built, side.options, versions)
        if side and plain:
            reader.learn(side.built, PLAIN, plain)


def _with_what_was_read(
    comparison: Comparison, results: Sequence[PairResult], options: ReadOptions
) -> Comparison:
    """With what the objects say beside their differences."""
    used = {rule for result in results for rule in result.used}
    of_objects = chain.from_iterable(result.notes for result in results)
    notes = dict.fromkeys((*rule_notes(options.kabi, used), *of_objects))
    new_versions = (result.new_versions for result in results)
    toolchain = next((each.toolchain for each in new_versions if each and each.toolchain), None)
    versions = chain.from_iterable((result.old_versions, result.new_versions) for result in results)
    ruled = frozenset(each.path for each in versions if each and each.ruled)
    return replace(comparison, notes=tuple(notes), toolchain=toolchain, ruled=ruled)


# --- one object, in a worker -----------------------------------------------------------------------


def compare_pair(pair: Pair, reader: ObjectReader | None = None) -> PairResult:
    """Compare an object with its former self. Where its versions are known, it is decoded only if one differs.

    reader: Remembers what is read. By default nothing is remembered beyond this pair.
    Raises KabicheckError for an object that cannot be read.
    """
    with _archives_named(pair):
        reader = reader or _reader_of(pair)
        old, new = _object_of(pair.old, reader), _object_of(pair.new, reader)
        old_versions, new_versions = old.versions if old else None, new.versions if new else None
        notes = tuple(_notes(pair, old_versions, new_versions))
        difference = compare_object(old, new, detail=pair.detail, cfi=pair.cfi)
        result = PairResult(difference, notes, old_versions, new_versions)
        if new:
            result = replace(result, used=new.used)
        if pair.look_behind and old and new and (old.versions.ruled or new.versions.ruled or new.used):
            return _with_hidden(result, pair, old, new, reader)
        _drop_what_is_equal(difference, old, new)
        return result


def _reader_of(pair: Pair) -> ObjectReader:
    """One that knows what is known of a pair."""
    reader = ObjectReader()
    for side in pair.sides:
        if side.versions:
            reader.learn(side.built, side.options, side.versions)
        if side.plain_versions:
            reader.learn(side.built, PLAIN, side.plain_versions)
    return reader


def _drop_what_is_equal(difference: ObjectDifference, old: ReadObject | None, new: ReadObject | None) -> None:
    """Of an object that did not change, as of most, nobody will ask for types, which take time to be made."""
    if old and new and not (difference.changes or difference.removed or difference.added):
        old.drop()
        new.drop()


def _object_of(side: SideOfPair | None, reader: ObjectReader) -> ReadObject | None:
    return reader.object(side.built, side.options, side.source) if side else None


@contextmanager
def _archives_named(pair: Pair) -> Iterator[None]:
    """An error in an object that was unpacked names the archive, and not the place in the cache that nobody knows."""
    try:
        yield
    except ObjectError as error:
        for side in pair.sides:
            if side.built.archive and error.path == str(side.built.file):
                raise error.about(f"{side.built.archive}: {side.built.path}") from None
        raise


def _notes(pair: Pair, old: ObjectVersions | None, new: ObjectVersions | None) -> Iterator[str]:
    """Sentences about an object, whatever differs in it. Raises Incomparable."""
    for versions in (old, new):
        if versions:
            yield from (f"{versions.path}: {warning}" for warning in versions.warnings)
    if old and new and old.toolchain and new.toolchain:
        note = require_comparable(new.path, old.toolchain, new.toolchain)
        yield from [note] if note else []
    if pair.new and pair.new.options.kabi:  # of which no build knows
        return
    for side, versions in ((pair.old, old), (pair.new, new)):
        if side and versions:
            yield from _cross_check(side.built, versions)


def _cross_check(built: BuiltObject, versions: ObjectVersions) -> Iterator[str]:
    """A sentence where a build with CONFIG_GENDWARFKSYMS calculated other versions."""
    names = sorted(name for name, crc in built.reference.items() if versions.versions.get(name, crc) != crc)
    if names:
        yield (
            f"{built.path}: the build itself has other versions for {', '.join(names[:5])} ({len(names)} in all)"
        )


def _with_hidden(
    result: PairResult, pair: Pair, old: ReadObject, new: ReadObject, reader: ObjectReader
) -> PairResult:
    """Compare an object once more, without rules, and say what these keep out of its versions."""
    assert pair.old and pair.new
    plain_old = reader.object(pair.old.built, PLAIN, pair.old.source)
    plain_new = reader.object(pair.new.built, PLAIN, pair.new.source)
    plain = compare_object(plain_old, plain_new, cfi=pair.cfi)
    _drop_what_is_equal(plain, plain_old, plain_new)
    hidden: tuple[Hidden, ...] = ()
    if plain.causes:

        def rules_for(name: str) -> tuple[str, ...]:
            texts = plain_old.types().get(name, ""), plain_new.types().get(name, "")
            members = ("__kabi_* members",) if any(KABI_PREFIX in text for text in texts) else ()
            return (*dict.fromkeys((*old.rules_for(name), *new.rules_for(name))), *members)

        shown = {cause.reference for cause in result.difference.causes.values()}
        hidden = tuple(hidden_by_rules(plain.causes.values(), old.types(), new.types(), rules_for, shown))
    _drop_what_is_equal(result.difference, old, new)
    return replace(
        result,
        difference=replace(result.difference, hidden=hidden),
        old_plain=plain_old.versions,
        new_plain=plain_new.versions,
    )
