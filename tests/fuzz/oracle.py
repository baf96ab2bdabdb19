"""What a damaged thing answers, compared with the sound one."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.compare.difference import compare_object, join
from kabicheck.errors import KabicheckError
from kabicheck.model import ObjectVersions, RecordedObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kabicheck.model import Export


class Outcome(StrEnum):
    """SAME: nothing is missing; TOLD: something is, and the comparison fails; ERROR: one of ours; OTHER: every export
    is there, one with another licence or namespace, which is shown and does not count; LOST: an export is missing, and
    nothing counts."""

    SAME = "same"
    TOLD = "told"
    ERROR = "error"
    OTHER = "other"
    LOST = "LOST"
    CRASH = "CRASH"


class Result(NamedTuple):
    """kind: what was damaged and how; words: what was said, or what is missing."""

    kind: str
    outcome: Outcome
    words: str


# Exhaustive inputs are taken in steps, so that a run of a few of them is spread over all. A prime.
STEP = 1_000_003


def outcome(read: Callable[[], Iterable[Export]], sound: frozenset[Export]) -> tuple[Outcome, str]:
    """How the reading of a damaged thing ends, and in which words. sound: the exports of the undamaged one."""
    try:
        exports = frozenset(read())
    except KabicheckError as error:
        return Outcome.ERROR, str(error)
    except Exception as error:
        return Outcome.CRASH, f"{type(error).__name__}: {error}"
    if sound <= exports:
        return Outcome.SAME, ""
    comparison = join([compare_object(RecordedObject(_side(exports)), RecordedObject(_side(sound)))])
    if any(change.fails for change in comparison.changes):
        return Outcome.TOLD, ""
    missing = {export.name for export in sound} - {export.name for export in exports}
    return (Outcome.LOST, ", ".join(sorted(missing))) if missing else (Outcome.OTHER, "")


def _side(exports: Iterable[Export]) -> ObjectVersions:
    by_name = {export.name: export for export in exports}
    return ObjectVersions("x.o", "vmlinux", tuple(by_name.values()), dict.fromkeys(by_name, 1))
