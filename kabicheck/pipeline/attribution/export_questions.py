"""Which questions a comparison raises, and of which objects they are asked.

What changed in the same way in many objects is followed in one of them, so that each cause is shown at least once.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.attribute.question import Question
from kabicheck.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kabicheck.model import Comparison, ObjectSet
    from kabicheck.pipeline.attribution.evidence import QuestionsOfExports
    from kabicheck.pipeline.attribution.observer import CommitObserver


def questions_of(
    comparison: Comparison, old: ObjectSet, observer: CommitObserver, *, every: bool = False
) -> QuestionsOfExports:
    """What is to be asked about the changes of the objects that are looked at.

    old: The objects of the old side, in which the former places of exports are looked up.
    observer: Reads them.
    every: Look at all objects that changed.
    """
    places = _FormerPlaces(old, observer)
    chosen = _chosen_objects(comparison, every=every)
    found = {}
    for change in comparison.changes:
        if change.object in chosen:
            former = () if change.kind is ChangeKind.ADDED else places.of(change.object, change.name)
            objects = tuple(sorted({change.object, *former}))
            found[change.object, change.name] = Question(change.name, objects)
    return found


def _chosen_objects(comparison: Comparison, *, every: bool) -> set[str]:
    """The objects that are looked at: all with changes that no type explains, and what shows the other causes."""
    chosen = {change.object for change in comparison.changes if every or not change.causes}
    causes = [cause for cause in comparison.causes.values() if not cause.follows]
    objects_of_causes = [{path for path, _ in cause.exports} for cause in causes]
    while unshown := [paths for paths in objects_of_causes if paths.isdisjoint(chosen)]:
        seen_in = Counter(path for paths in unshown for path in paths)
        chosen.add(min(seen_in, key=lambda path: (-seen_in[path], path)))
    return chosen


class _FormerPlaces:
    """Where exports were on the old side."""

    def __init__(self, old: ObjectSet, observer: CommitObserver) -> None:
        self._built = {built.path: built for built in old.objects}
        self._observer = observer

    def of(self, path: str, export: str) -> Collection[str]:
        """The objects of the old side that an export moved from, none where it is still in the same one."""
        built = self._built.get(path)
        if built and export in self._observer.read(built).states:
            return ()
        return self._by_export.get(export, ())

    @cached_property
    def _by_export(self) -> Mapping[str, list[str]]:
        """Export → the objects of the old side that have it."""
        places: dict[str, list[str]] = {}
        for path, built in self._built.items():
            for name in self._observer.read(built).states:
                places.setdefault(name, []).append(path)
        return places
