"""The comparison of two sets of objects: each pair is read and compared in a worker process of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.compare.comparable import require_comparable
from kabicheck.compare.detail import BRIEF
from kabicheck.compare.difference import ObjectDifference, compare_object, join
from kabicheck.compare.hidden import hidden_by_rules
from kabicheck.errors import ObjectError
from kabicheck.objects.kernel_config import either_checks_calls
from kabicheck.pipeline.kabi_notes import rule_notes
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.pipeline.reading import find_versions, keep_versions, read_object
from kabicheck.pipeline.workers import workers
from kabicheck.symver.kabi_members import PREFIX as KABI_PREFIX
from kabicheck.symver.object import ExportReading

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.compare.detail import Detail
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.index.index import Index
    from kabicheck.model import (
        BuiltObject,
        Comparison,
        Hidden,
        Location,
        ObjectSet,
        ObjectVersions,
    )

# Starting processes costs about as much as comparing this many objects.
WORTH_PROCESSES = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """What a worker is given: an object on both sides, and the source trees that their debug information names.

    was, became: its versions, where the index knows them; kabi: rules outside the source, for the new side; behind:
    look for what rules hide, too; plain_was, plain_became: the versions without rules, where the index knows them;
    detail: how much to say of each cause; cfi: whether kernels of either side check the prototypes of indirect calls,
    None where that is not known.
    """

    old: BuiltObject | None
    new: BuiltObject | None
    old_source: str = ""
    new_source: str = ""
    stable: bool = False
    kabi: tuple[KabiRule, ...] = ()
    was: ObjectVersions | None = None
    became: ObjectVersions | None = None
    behind: bool = False
    plain_was: ObjectVersions | None = None
    plain_became: ObjectVersions | None = None
    detail: Detail = BRIEF
    cfi: bool | None = None


@dataclass(frozen=True, slots=True)
class PairResult:
    """What a worker says of one object. was, became: its versions on both sides; used: rules that did something.

    plain_was, plain_became: its versions without rules, where these were asked for.
    """

    difference: ObjectDifference
    notes: tuple[str, ...]
    was: ObjectVersions | None
    became: ObjectVersions | None
    used: frozenset[KabiRule] = frozenset()
    plain_was: ObjectVersions | None = None
    plain_became: ObjectVersions | None = None


def compare_builds(
    old: ObjectSet,
    new: ObjectSet,
    jobs: int = 0,
    *,
    stable: bool = False,
    kabi: tuple[KabiRule, ...] = (),
    index: Index | None = None,
    detail: Detail = BRIEF,
    behind: bool = False,
    going_on: Callable[[], None] = lambda: None,
) -> Comparison:
    """Compare all objects of two sides; objects with the same path are each other's versions.

    jobs: worker processes, 0 for one per processor; stable: obey kABI rules and `__kabi_*` members in the objects;
    kabi: rules outside the source, applied to the new side, which need `stable`;
    index: knows the versions of objects that were read before, and is told those of the others;
    behind: look for what rules hide, too;
    detail: how much to say of each cause; going_on: called for each object, and may raise what ends it.
    Raises KabicheckError for an object that cannot be read.
    """
    before = {built.path: built for built in old.objects}
    after = {built.path: built for built in new.objects}
    paths = sorted(before.keys() | after.keys())
    cfi = either_checks_calls(old.config, new.config)
    pairs = [
        _known(
            Pair(
                before.get(path),
                after.get(path),
                old.source,
                new.source,
                stable,
                kabi,
                behind=behind and stable,
                detail=detail,
                cfi=cfi,
            ),
            index,
        )
        for path in paths
    ]
    results = []
    for pair, result in zip(pairs, _results(pairs, jobs or len(os.sched_getaffinity(0))), strict=True):
        going_on()
        results.append(result)
        if index is not None:
            _keep(pair, result, index)
    comparison = join(
        [result.difference for result in results],
        SideObjects(old, ReadOptions(stable)),
        SideObjects(new, ReadOptions(stable, kabi)),
        detail=detail,
        cfi=cfi,
    )
    used = {rule for result in results for rule in result.used}
    notes = dict.fromkeys((*rule_notes(kabi, used), *(note for result in results for note in result.notes)))
    toolchain = next((r.became.toolchain for r in results if r.became and r.became.toolchain), None)
    ruled = {side.path for r in results for side in (r.was, r.became) if side and side.ruled}
    return replace(comparison, notes=tuple(notes), toolchain=toolchain, ruled=frozenset(ruled))


def _known(pair: Pair, index: Index | None) -> Pair:
    if index is None:
        return pair
    was = find_versions(index, pair.old, stable=pair.stable) if pair.old else None
    became = find_versions(index, pair.new, stable=pair.stable) if pair.new and not pair.kabi else None
    pair = replace(pair, was=was, became=became)
    if not pair.behind or not (pair.kabi or (was and was.ruled) or (became and became.ruled)):
        return pair
    plain_was = find_versions(index, pair.old) if pair.old else None
    plain_became = find_versions(index, pair.new) if pair.new else None
    return replace(pair, plain_was=plain_was, plain_became=plain_became)


def _keep(pair: Pair, result: PairResult, index: Index) -> None:
    """Tell the index what it did not know."""
    if pair.old and result.was and not pair.was:
        keep_versions(index, pair.old, result.was, stable=pair.stable)
    if pair.new and result.became and not pair.became and not pair.kabi:
        keep_versions(index, pair.new, result.became, stable=pair.stable)
    if pair.old and result.plain_was and not pair.plain_was:
        keep_versions(index, pair.old, result.plain_was)
    if pair.new and result.plain_became and not pair.plain_became:
        keep_versions(index, pair.new, result.plain_became)


def compare_pair(pair: Pair) -> PairResult:
    """Compare an object with its former self. Of what the index knows nothing is read, unless a version differs."""
    try:
        return _compared(pair)
    except ObjectError as error:
        for built in filter(None, (pair.old, pair.new)):
            if built.archive and error.path == str(built.file):
                raise error.about(f"{built.archive}: {built.path}") from None
        raise


def _compared(pair: Pair) -> PairResult:
    old = SideObject(pair.old, pair.was, pair.old_source, stable=pair.stable) if pair.old else None
    new = None
    if pair.new:
        new = SideObject(pair.new, pair.became, pair.new_source, stable=pair.stable, kabi=pair.kabi)
    was = old.versions if old else None
    became = new.versions if new else None
    notes = [f"{side.path}: {warning}" for side in (was, became) if side for warning in side.warnings]
    if was and became and was.toolchain and became.toolchain:
        notes.append(require_comparable(became.path, was.toolchain, became.toolchain))
    used = new.used if new else frozenset()
    if not pair.kabi:  # of which no build knows
        notes += [_cross_check(*side) for side in ((pair.old, was), (pair.new, became))]
    difference = compare_object(
        old,
        new,
        detail=pair.detail,
        cfi=pair.cfi,
    )
    result = PairResult(difference, tuple(filter(None, notes)), was, became, used)
    if pair.behind and was and became and (was.ruled or became.ruled or used):
        assert old and new
        return _with_hidden(pair, result, old, new)
    return result


def _with_hidden(pair: Pair, result: PairResult, old: SideObject, new: SideObject) -> PairResult:
    """Compare an object once more, without rules, and say what these keep out of its versions."""
    assert pair.old and pair.new
    plain_old = SideObject(pair.old, pair.plain_was, pair.old_source)
    plain_new = SideObject(pair.new, pair.plain_became, pair.new_source)
    plain = compare_object(
        plain_old,
        plain_new,
        cfi=pair.cfi,
    )
    hidden: tuple[Hidden, ...] = ()
    if plain.causes:

        def rules_for(name: str) -> tuple[str, ...]:
            texts = plain_old.types().get(name, ""), plain_new.types().get(name, "")
            members = ("__kabi_* members",) if any(KABI_PREFIX in text for text in texts) else ()
            return (*dict.fromkeys((*old.rules_for(name), *new.rules_for(name))), *members)

        shown = {cause.reference for cause in result.difference.causes.values()}
        hidden = tuple(hidden_by_rules(plain.causes.values(), old.types(), new.types(), rules_for, shown))
    return replace(
        result,
        difference=replace(result.difference, hidden=hidden),
        plain_was=plain_old.versions,
        plain_became=plain_new.versions,
    )


class SideObject:
    """An object on one side, read when there is something to read.

    versions: where the index knows them; source: the tree that its debug information names.
    """

    def __init__(
        self,
        built: BuiltObject,
        versions: ObjectVersions | None = None,
        source: str = "",
        *,
        stable: bool = False,
        kabi: tuple[KabiRule, ...] = (),
    ) -> None:
        self._built = built
        self._known = versions
        self._source = built.source or source
        self._stable = stable
        self._kabi = kabi

    @cached_property
    def _reading(self) -> ExportReading:
        return read_object(self._built, stable=self._stable, kabi=self._kabi)

    @property
    def versions(self) -> ObjectVersions:
        """Each export's version."""
        return self._known or self._reading.versions()

    @property
    def is_typed(self) -> bool:
        """Always."""
        return True

    @property
    def used(self) -> frozenset[KabiRule]:
        """The rules outside the source that something was found for."""
        if not self._kabi or not isinstance(self._reading, ExportReading):
            return frozenset()
        return self._reading.reading.used

    def rules_for(self, name: str) -> Sequence[str]:
        """The kABI rules for a type reference or an export, in words; those outside the source only where they did
        something.
        """
        if not isinstance(self._reading, ExportReading) or self._reading.reading.rules is None:
            return ()
        return self._reading.reading.rules.about(name)

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string."""
        return self._types

    @cached_property
    def _types(self) -> Mapping[str, str]:
        return self._reading.types()

    def locations(self, names: Collection[str]) -> Mapping[str, Location]:
        """Where declarations are, relative to the source tree; nowhere for what kbuild pipes into the compiler.

        That is the stand-in of an assembly object, which holds a pointer of each export's type and no declaration.
        """
        return self._inside_tree(self._reading.reading.locations(names))

    def member_locations(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]:
        """Where the members of types and the parameters of exports are, in the same way; enumerators have no place."""
        found = self._reading.reading.members(names)
        return {name: self._inside_tree(places) for name, places in found.items()}

    @cached_property
    def _tree(self) -> str:
        """What paths are shown relative to: what is known of a build of ours, else what the object says.

        Of a linked file, `source` is what the sources of its units have in common, which may be less than the tree.
        """
        known = self._source if self._built.unit is None else ""
        return known or self._reading.reading.source_tree(self._built.path) or self._source

    def _inside_tree(self, places: Mapping[str, Location]) -> dict[str, Location]:
        return {
            name: replace(where, file=_inside(where.file, self._tree))
            for name, where in places.items()
            if not where.file.endswith("<stdin>")
        }


def _cross_check(built: BuiltObject | None, versions: ObjectVersions | None) -> str:
    """Whether a build with CONFIG_GENDWARFKSYMS calculated the same versions; a sentence where it did not."""
    if built is None or versions is None:
        return ""
    names = [n for n, crc in built.reference.items() if versions.versions.get(n, crc) != crc]
    if not names:
        return ""
    return f"{built.path}: the build itself has other versions for {', '.join(sorted(names)[:5])} ({len(names)} in all)"


def _inside(file: str, tree: str) -> str:
    folder = tree.rstrip("/")
    return file.removeprefix(f"{folder}/") if folder else file


def _results(pairs: list[Pair], jobs: int) -> Iterator[PairResult]:
    """The pairs' results in their order."""
    if jobs == 1 or sum(map(_is_work, pairs)) < WORTH_PROCESSES:
        yield from map(compare_pair, pairs)
        return
    with workers(min(jobs, len(pairs)), __name__) as pool:
        yield from pool.map(compare_pair, pairs, chunksize=4)


def _is_work(pair: Pair) -> bool:
    """Whether an object is read: one that the index does not know, or whose versions differ."""
    if (pair.old and not pair.was) or (pair.new and not pair.became):
        return True
    if not (pair.was and pair.became):
        return False
    if pair.behind and (pair.was.ruled or pair.became.ruled):
        was, became = pair.plain_was, pair.plain_became
        return not (was and became) or was.versions != became.versions
    return pair.was.versions != pair.became.versions


class SideObjects:
    """The objects of one side by their paths, as a DescribedSide. An object is read when something is asked of it.

    An object that was named alone has no path here, and stands for whatever is asked for.
    """

    def __init__(self, objects: ObjectSet, options: ReadOptions) -> None:
        self._built = {built.path: built for built in objects.objects}
        self._source = objects.source
        self._options = options

    def get(self, path: str) -> SideObject | None:
        """An object, None where this side has none of that path, as of an export that moved."""
        built = self._built.get(path) or self._built.get("")
        if built is None:
            return None
        return SideObject(built, source=self._source, stable=self._options.stable, kabi=self._options.kabi)
