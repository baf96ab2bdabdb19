"""Where remedies are tried: both sides of a comparison, read again under rules; and what is said of them."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.reading import read_object
from kabicheck.plain_text import counted
from kabicheck.remedy.macro import macros
from kabicheck.remedy.proof import OutOfTime, find_remedies

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.index.index import Index
    from kabicheck.model import BuiltObject, Comparison, ObjectSet
    from kabicheck.remedy.proof import Remedy


# How long a report may wait for remedies; `kabicheck suggest` takes the time that it needs.
MOST_SECONDS = 20
LONGEST_CALL = 120


class ObjectWorkshop:
    """A remedy.proof.Workshop over object files.

    rules: from outside the source that hold already; seconds: after which nothing more is tried, from now on.
    """

    def __init__(
        self,
        old: ObjectSet,
        new: ObjectSet,
        jobs: int = 0,
        *,
        rules: tuple[KabiRule, ...] = (),
        index: Index | None = None,
        seconds: float | None = None,
    ) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds
        self._old, self._new = old, new
        self._before = {_name(built): built for built in old.objects}
        self._after = {_name(built): built for built in new.objects}
        if len(self._after) == 1 and "" in {built.path for built in new.objects}:
            # Two single files are each other's versions, and reports call them by the new one's name.
            [name], [self._before[name]] = self._after, self._before.values()
        self._jobs = jobs
        self._rules = rules
        self._index = index
        self.old_types = lru_cache(64)(self._old_types)
        self._ruleless_types = lru_cache(64)(self._new_types)
        self.plain_types = lru_cache(64)(self._plain_types)

    def _old_types(self, path: str) -> Mapping[str, str]:
        """The type strings of an object's old side, none where it has no such object."""
        self._require_time()
        built = self._before.get(path)
        return read_object(built, stable=True).types() if built else {}

    def new_types(self, path: str, rules: Sequence[KabiRule] = ()) -> Mapping[str, str]:
        """Those of its new side under rules. Raises UsageError where a rule makes no sense there."""
        return self._new_types(path, tuple(rules)) if rules else self._ruleless_types(path)

    def _new_types(self, path: str, rules: tuple[KabiRule, ...] = ()) -> Mapping[str, str]:
        self._require_time()
        return read_object(self._after[path], stable=True, kabi=(*self._rules, *rules)).types()

    def _require_time(self) -> None:
        if self._until is not None and time.monotonic() > self._until:
            raise OutOfTime

    def _plain_types(self, path: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The type strings of both sides without --stable, in which `__kabi_*` members have their names."""
        return read_object(self._before[path]).types(), read_object(self._after[path]).types()

    def compare(self, rules: Sequence[KabiRule], only: Collection[str] = ()) -> Comparison:
        """Both sides, the new one under rules; only: some objects. Raises UsageError as `new_types` does."""
        old, new = self._old, self._new
        if only:
            old, new = (_restricted(old, only), _restricted(new, only))
        kabi = (*self._rules, *rules)
        self._require_time()
        return compare_builds(
            old, new, self._jobs, stable=True, kabi=kabi, index=self._index, going_on=self._require_time
        )


def with_remedies(comparison: Comparison, workshop: ObjectWorkshop, *, stable: bool) -> Comparison:
    """Say of each cause what keeps the versions, or why nothing does; a note says where the time was too short.

    stable: whether the comparison obeys kABI rules. Without, it says the same where no object has any.
    """
    changed = {c.object for c in comparison.changes if c.kind is ChangeKind.VERSION}
    if not comparison.causes:
        return comparison
    remedies: tuple[Remedy, ...] = ()
    if stable or not changed & comparison.ruled:
        remedies = find_remedies(comparison, workshop)
    else:
        with suppress(OutOfTime):
            remedies = find_remedies(workshop.compare((), changed), workshop)
    words = {remedy.cause.key: remedy_words(remedy, workshop) for remedy in remedies if not remedy.cut}
    causes = {key: replace(cause, remedy=words.get(key, "")) for key, cause in comparison.causes.items()}
    cut = sum(remedy.cut for remedy in remedies) if remedies else len(causes)
    notes = comparison.notes
    if cut:
        notes = (
            *notes,
            f"what keeps the ABI was looked for {MOST_SECONDS} seconds long, which was too short for "
            f"{counted(cut, 'cause')}: `kabicheck suggest` and --suggest take the time that they need",
        )
    return replace(comparison, causes=causes, notes=notes)


def remedy_words(remedy: Remedy, workshop: ObjectWorkshop) -> str:
    """A remedy in a line."""
    if remedy.refused:
        return f"no rule is safe: {remedy.refused}"
    care = f" (take care: {'; '.join(remedy.cautions)})" if remedy.cautions else ""
    calls = macros(remedy.rules, *workshop.plain_types(remedy.cause.exports[0][0]))
    if calls is None or (len(calls) > 1 and any(len(call.call) > LONGEST_CALL for call in calls)):
        rules = ", ".join(f"{rule.rule} {rule.target}" for rule in remedy.rules)
        return f"with the rules {rules}; `kabicheck suggest` has them whole{care}"
    return " ".join(call.call for call in calls) + care


def _restricted(side: ObjectSet, paths: Collection[str]) -> ObjectSet:
    return replace(side, objects=tuple(b for b in side.objects if not b.path or b.path in paths))


def _name(built: BuiltObject) -> str:
    return built.path or str(built.file)
