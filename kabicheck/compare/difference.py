"""What differs between two versions of an object file, and, joined, between two builds.

`compare_object` is a pure function of one object and runs in worker processes; `join` puts the results of
all objects together. Work is per object, since a name may be a definition in one and a declaration in
another: the same name in two objects is never compared.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kabicheck.compare.causes import explain
from kabicheck.compare.classify import graded
from kabicheck.compare.detail import BRIEF
from kabicheck.compare.hidden import merged
from kabicheck.compare.unseen import seen_elsewhere
from kabicheck.model import (
    Cause,
    ChangeKind,
    Comparison,
    ExportChange,
    ObjectVersions,
    RecordedObject,
    Severity,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from kabicheck.compare.detail import Detail
    from kabicheck.model import DescribedObject, DescribedSide, Export, Hidden, Location

_KINDS = tuple(ChangeKind)
_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """What differs in one object; small, and picklable.

    changes: What changed of exports that both sides have.
    causes: Key of a cause → the cause.
    unchanged: (module, object, export) of each export that is the same on both sides.
    removed: The versions of the exports that only the old side has, None for no such export. Whether they moved to
        another object is for `join` to say.
    added: Those of the exports that only the new side has, in the same way.
    hidden: What kABI rules keep out of the versions, where that was asked for.
    """

    changes: tuple[ExportChange, ...] = ()
    causes: Mapping[str, Cause] = field(default_factory=dict)
    unchanged: tuple[tuple[str, str, str], ...] = ()
    removed: ObjectVersions | None = None
    added: ObjectVersions | None = None
    hidden: tuple[Hidden, ...] = ()


def compare_object(
    old: DescribedObject | None,
    new: DescribedObject | None,
    *,
    detail: Detail = BRIEF,
    cfi: bool | None = None,
) -> ObjectDifference:
    """Compare an object with its former self. Types and places are asked for only where a version changed.

    old, new: The object on either side, None for a side that does not have it.
    detail: How much is said of each cause.
    cfi: Whether kernels of either side check the prototypes of indirect calls, None where that is not known.
    Raises ObjectError.
    """
    if old is None or new is None:
        return ObjectDifference(
            removed=old.versions if old else None,
            added=new.versions if new else None,
        )
    difference = _compare_versions(old.versions, new.versions)
    changed = [change.name for change in difference.changes if change.kind is ChangeKind.VERSION]
    if not (changed and old.is_typed and new.is_typed):
        return difference
    causes = {
        cause.key: cause for cause in explain(new.versions.path, changed, old, new, detail=detail, cfi=cfi)
    }
    return replace(difference, changes=_with_causes(difference.changes, causes), causes=causes)


def join(
    differences: Iterable[ObjectDifference],
    old: DescribedSide | None = None,
    new: DescribedSide | None = None,
    *,
    detail: Detail = BRIEF,
    cfi: bool | None = None,
) -> Comparison:
    """All objects' differences as one, in an order that does not depend on theirs.

    A cause that several objects show is one cause. An export that one object lost and another got is compared with
    itself.

    old, new: All objects of either side, which are asked for the types of exports that moved and of definitions that
        came into sight. None where types are not known.
    detail, cfi: As in `compare_object`.
    Raises ObjectError.
    """
    parts = list(differences)
    removed = [part.removed for part in parts if part.removed]
    added = [part.added for part in parts if part.added]
    moved: set[str] = set()
    for old_versions, new_versions in _moves(removed, added):
        moved |= {export.name for export in old_versions.exports}
        parts.append(
            compare_object(
                _moved(old_versions, old),
                _moved(new_versions, new),
                detail=detail,
                cfi=cfi,
            )
        )
    changes = [change for part in parts for change in part.changes]
    for side in removed:
        changes += _one_sided(side, ChangeKind.REMOVED, moved)
    for side in added:
        changes += _one_sided(side, ChangeKind.ADDED, moved)
    causes = _merged(cause for part in parts for cause in part.causes.values())
    if old is not None and new is not None:
        causes = seen_elsewhere(causes, old, new)
    changes.sort(key=lambda change: (change.object, change.name, _KINDS.index(change.kind)))
    return Comparison(
        changes=tuple(graded(change, causes) for change in _with_causes(changes, causes)),
        causes=causes,
        unchanged=tuple(sorted(name for part in parts for name in part.unchanged)),
        hidden=merged(each for part in parts for each in part.hidden),
    )


# --- exports ---------------------------------------------------------------------------------------


def _compare_versions(old: ObjectVersions, new: ObjectVersions) -> ObjectDifference:
    """What differs in an object that both sides have, without the reasons."""
    old_exports, new_exports = _exports(old), _exports(new)
    changes: list[ExportChange] = []
    unchanged: list[tuple[str, str, str]] = []
    for name in sorted(old_exports.keys() & new_exports.keys()):
        of_export = list(_changes(old, new, old_exports[name], new_exports[name]))
        changes += of_export
        if not of_export:
            unchanged.append((new.module, new.path, name))
    only_old, only_new = old_exports.keys() - new_exports.keys(), new_exports.keys() - old_exports.keys()
    return ObjectDifference(
        changes=tuple(changes),
        unchanged=tuple(unchanged),
        removed=old.only(only_old) if only_old else None,
        added=new.only(only_new) if only_new else None,
    )


def _exports(side: ObjectVersions) -> dict[str, Export]:
    return {export.name: export for export in side.exports}


def _changes(
    old: ObjectVersions, new: ObjectVersions, old_export: Export, new_export: Export
) -> Iterator[ExportChange]:
    """What happened to an export that both sides have."""
    name = old_export.name

    def change(kind: ChangeKind, old_state: str, new_state: str) -> ExportChange:
        return ExportChange(
            kind,
            name,
            new.path,
            new.module,
            old_state,
            new_state,
            namespace=old_export.namespace,
        )

    old_version, new_version = old.version_or_reason(name), new.version_or_reason(name)
    if name not in old.versions or name not in new.versions:
        yield change(ChangeKind.UNVERSIONED, old_version, new_version)
    elif old_version != new_version:
        yield change(ChangeKind.VERSION, old_version, new_version)
    if old_export.namespace != new_export.namespace:
        yield change(ChangeKind.NAMESPACE, old_export.namespace, new_export.namespace)
    if old_export.licence != new_export.licence:
        yield change(ChangeKind.LICENCE, old_export.licence, new_export.licence)
    if old.module != new.module:
        yield change(ChangeKind.MODULE, old.module, new.module)


def _one_sided(side: ObjectVersions, kind: ChangeKind, moved: Collection[str]) -> Iterator[ExportChange]:
    for export in side.exports:
        if export.name in moved:
            continue
        version = side.version_or_reason(export.name)
        old, new = ("", version) if kind is ChangeKind.ADDED else (version, "")
        change = ExportChange(
            kind,
            export.name,
            side.path,
            side.module,
            old,
            new,
            namespace=export.namespace,
        )
        yield change
        if kind is ChangeKind.ADDED and export.name not in side.versions:
            yield replace(change, kind=ChangeKind.UNVERSIONED)


# --- moved exports ---------------------------------------------------------------------------------


def _moves(
    removed: Sequence[ObjectVersions], added: Sequence[ObjectVersions]
) -> Iterator[tuple[ObjectVersions, ObjectVersions]]:
    """Pairs of objects between which exports moved, restricted to these.

    A name that several objects lost or got is left alone: nobody could say which went where.
    """
    lost = Counter(export.name for side in removed for export in side.exports)
    got = Counter(export.name for side in added for export in side.exports)
    names = {name for name in lost if lost[name] == got[name] == 1}
    for old in removed:
        for new in added:
            common = _exports(old).keys() & _exports(new).keys() & names
            if common:
                yield old.only(common), new.only(common)


def _moved(versions: ObjectVersions, side: DescribedSide | None) -> DescribedObject:
    """The exports of one object that moved, as an object of their own."""
    if side is None:
        return RecordedObject(versions)
    return _MovedExports(versions, side)


@dataclass(frozen=True, slots=True)
class _MovedExports:
    """Exports of an object that left it for another one, or came into it, as a DescribedObject.

    versions: The versions of these exports alone.
    side: Where the object is looked up that has their types.
    """

    versions: ObjectVersions
    side: DescribedSide

    @property
    def is_typed(self) -> bool:
        return True

    def types(self) -> Mapping[str, str]:
        described = self.side.get(self.versions.path)
        return described.types() if described else {}

    def locations(self, names: Collection[str]) -> Mapping[str, Location]:
        del names  # one cause has one place, and an object that kept its exports is the better one to name it
        return {}

    def member_locations(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]:
        del names
        return {}


# --- causes ----------------------------------------------------------------------------------------


def _merged(causes: Iterable[Cause]) -> dict[str, Cause]:
    """One cause per key: roots before followers, those that explain most first.

    A cause follows others only where it does in every object that shows it. It is as bad as in the object where it is
    worst: how a type is used differs from object to object.
    """
    merged: dict[str, Cause] = {}
    exports: dict[str, set[tuple[str, str]]] = {}
    for cause in causes:
        first = merged.setdefault(cause.key, cause)
        exports.setdefault(cause.key, set()).update(cause.exports)
        follows = sorted({*first.follows, *cause.follows}) if first.follows and cause.follows else ()
        worst = min(first, cause, key=_by_severity)
        merged[cause.key] = replace(
            first,
            findings=worst.findings,
            summary=worst.summary,
            old_location=first.old_location or cause.old_location,
            new_location=first.new_location or cause.new_location,
            follows=tuple(follows),
            path=min((path for path in (first.path, cause.path) if path), key=_by_length, default=()),
        )
    whole = [
        replace(
            cause,
            exports=tuple(sorted(exports[key])),
            follows=tuple(root for root in cause.follows if root in merged),
        )
        for key, cause in merged.items()
    ]
    whole.sort(key=lambda cause: (bool(cause.follows), -len(cause.exports), cause.reference, cause.key))
    return {cause.key: cause for cause in whole}


def _by_severity(cause: Cause) -> int:
    return _SEVERITIES.index(cause.severity)


def _by_length(path: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return len(path), path


def _with_causes(changes: Iterable[ExportChange], causes: Mapping[str, Cause]) -> tuple[ExportChange, ...]:
    """The changes of versions with the keys of their causes, in the causes' order."""
    keys: dict[tuple[str, str], list[str]] = {}
    for cause in causes.values():
        for export in cause.exports:
            keys.setdefault(export, []).append(cause.key)
    return tuple(
        replace(change, causes=tuple(keys.get((change.object, change.name), ())))
        if change.kind is ChangeKind.VERSION
        else change
        for change in changes
    )
