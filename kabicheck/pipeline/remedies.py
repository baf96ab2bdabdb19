"""What keeps the versions: both sides of a comparison, read again under rules, and what is said of each cause."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.model import ChangeKind, ObjectVersions, RecordedObject
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.plain_text import counted
from kabicheck.remedy.macro import macros
from kabicheck.remedy.proof import OutOfTime, find_remedies

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.model import BuiltObject, Comparison, DescribedObject, ObjectSet
    from kabicheck.remedy.proof import Remedy


# How long a report may wait for remedies; `kabicheck suggest` takes the time that it needs.
MOST_SECONDS = 20
# Characters of a macro that a line of a report has room for, where a remedy takes several.
LONGEST_CALL = 120

STABLE = ReadOptions(stable=True)


class ObjectsUnderRules:
    """Both sides of a comparison, read again under rules (`remedy.proof.SidesUnderRules`)."""

    def __init__(
        self,
        old: ObjectSet,
        new: ObjectSet,
        jobs: int = 0,
        *,
        rules: tuple[KabiRule, ...] = (),
        reader: ObjectReader | None = None,
        seconds: float | None = None,
    ) -> None:
        """jobs: How many worker processes a comparison may take, 0 for one per processor.

        rules: Rules from outside the source that hold already.
        reader: Knows what was read before.
        seconds: After which nothing more is tried, from now on; None for no limit.
        """
        self._until = None if seconds is None else time.monotonic() + seconds
        self._old, self._new = old, new
        self._old_built = {_name(built): built for built in old.objects}
        self._new_built = {_name(built): built for built in new.objects}
        if len(self._new_built) == 1 and "" in {built.path for built in new.objects}:
            # Two single files are each other's versions, and reports call them by the new one's name.
            [name], [self._old_built[name]] = self._new_built, self._old_built.values()
        self._jobs = jobs
        self._rules = rules
        self._reader = reader or ObjectReader()

    def old(self, path: str) -> DescribedObject:
        """The old side of an object, with nothing in it where that side has no such object."""
        self._require_time()
        if path not in self._old_built:
            return RecordedObject(ObjectVersions(path, "", (), {}))
        return self._reader.object(self._old_built[path], STABLE)

    def new(self, path: str, rules: Sequence[KabiRule] = ()) -> DescribedObject:
        """Its new side under rules."""
        self._require_time()
        return self._reader.object(self._new_built[path], self._options(rules))

    def plain_types(self, path: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """The type strings of both sides without --stable, in which `__kabi_*` members have their names."""
        old, new = self._old_built[path], self._new_built[path]
        return self._reader.object(old).types(), self._reader.object(new).types()

    def compare(self, rules: Sequence[KabiRule], only: Collection[str] = ()) -> Comparison:
        """Both sides, the new one under rules; only: some objects. Raises UsageError where a rule makes no sense."""
        old, new = self._old, self._new
        if only:
            paths = {"", *only}  # an object that was named alone has no path, and is always meant
            old, new = old.only(paths), new.only(paths)
        self._require_time()
        return compare_builds(
            old, new, self._options(rules), self._reader, jobs=self._jobs, going_on=self._require_time
        )

    def _options(self, rules: Sequence[KabiRule]) -> ReadOptions:
        return ReadOptions(stable=True, kabi=(*self._rules, *rules))

    def _require_time(self) -> None:
        if self._until is not None and time.monotonic() > self._until:
            raise OutOfTime


def with_remedies(comparison: Comparison, sides: ObjectsUnderRules, *, stable: bool) -> Comparison:
    """Say of each cause what keeps the versions, or why nothing does; a note says where the time was too short.

    stable: whether the comparison obeys kABI rules. Without, it says the same where no object has any.
    """
    changed = {c.object for c in comparison.changes if c.kind is ChangeKind.VERSION}
    if not comparison.causes:
        return comparison
    remedies: tuple[Remedy, ...] = ()
    if stable or not changed & comparison.ruled:
        remedies = find_remedies(comparison, sides)
    else:
        with suppress(OutOfTime):
            remedies = find_remedies(sides.compare((), changed), sides)
    words = {remedy.cause.key: remedy_words(remedy, sides) for remedy in remedies if not remedy.cut}
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


def remedy_words(remedy: Remedy, sides: ObjectsUnderRules) -> str:
    """A remedy in a line."""
    if remedy.refused:
        return f"no rule is safe: {remedy.refused}"
    care = f" (take care: {'; '.join(remedy.cautions)})" if remedy.cautions else ""
    calls = macros(remedy.rules, *sides.plain_types(remedy.cause.exports[0][0]))
    if calls is None or (len(calls) > 1 and any(len(call.call) > LONGEST_CALL for call in calls)):
        rules = ", ".join(f"{rule.rule} {rule.target}" for rule in remedy.rules)
        return f"with the rules {rules}; `kabicheck suggest` has them whole{care}"
    return " ".join(call.call for call in calls) + care


def _name(built: BuiltObject) -> str:
    return built.path or str(built.file)
