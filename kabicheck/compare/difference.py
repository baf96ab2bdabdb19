"""What differs between two versions of an object file, and, joined, between two builds.

`compare_object` is a pure function of one object and runs in worker processes; `join` puts the results of
all objects together. Work is per object, since a name may be a definition in one and a declaration in
another: the same name in two objects is never compared.

A *cause* is a name whose own type string differs and that a changed export reaches on both sides. A type
that is reached on one side only is a consequence: whatever began or ceased to refer to it differs itself.
A cause whose sizes and offsets merely follow those of a type that it contains names its *root* (`follow`).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kabicheck.compare.causes import BRIEF, explain
from kabicheck.compare.classify import graded
from kabicheck.compare.hidden import merged
from kabicheck.compare.unseen import seen_elsewhere
from kabicheck.model import Cause, ChangeKind, Comparison, ExportChange, ObjectVersions, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from kabicheck.compare.causes import Detail, Locate
    from kabicheck.model import Export, Hidden

    Types = Callable[[], Mapping[str, str]]
    TypesOf = Callable[[str], Mapping[str, str]]

_KINDS = tuple(ChangeKind)
_SEVERITIES = tuple(Severity)


@dataclass(frozen=True, slots=True)
class ObjectDifference:
    """What differs in one object; small, and picklable.

    changes and unchanged: of exports on both sides. removed and added: the versions of the exports that only
    one side has, whether they moved to another object is for `join` to say. causes: by key.
    """

    changes: tuple[ExportChange, ...] = ()
    causes: Mapping[str, Cause] = field(default_factory=dict)
    unchanged: tuple[tuple[str, str, str], ...] = ()
    removed: ObjectVersions | None = None
    added: ObjectVersions | None = None
    hidden: tuple[Hidden, ...] = ()


def compare_object(
    old: ObjectVersions | None,
    new: ObjectVersions | None,
    old_types: Types | None = None,
    new_types: Types | None = None,
    *,
    old_locate: Locate | None = None,
    new_locate: Locate | None = None,
    detail: Detail = BRIEF,
    cfi: bool | None = None,
) -> ObjectDifference:
    """Compare an object with its former self; None for a side that does not have it.

    old_types, new_types: give the object's type strings by reference and export name, as in a symtypes file;
    called only when a version changed, and left out where nothing but versions is known. old_locate,
    new_locate: give the locations of declarations by reference or export name, for those that have one. detail:
    how much to say of each cause. cfi: whether kernels of either side check the prototypes of indirect calls.
    """
    if old is None or new is None:
        return ObjectDifference(removed=old, added=new)
    before, after = _exports(old), _exports(new)
    changes: list[ExportChange] = []
    unchanged: list[tuple[str, str, str]] = []
    for name in sorted(before.keys() & after.keys()):
        found = list(_changes(old, new, before[name], after[name]))
        changes += found
        if not found:
            unchanged.append((new.module, new.path, name))
    causes: Mapping[str, Cause] = {}
    changed = [change.name for change in changes if change.kind is ChangeKind.VERSION]
    if changed and old_types and new_types:
        types, types_after = old_types(), new_types()
        explained = explain(
            new.path,
            changed,
            types,
            types_after,
            old_locate=old_locate,
            new_locate=new_locate,
            detail=detail,
            cfi=cfi,
        )
        causes = {cause.key: cause for cause in explained}
    return ObjectDifference(
        changes=_with_causes(changes, causes),
        causes=causes,
        unchanged=tuple(unchanged),
        removed=restricted(old, before.keys() - after.keys()),
        added=restricted(new, after.keys() - before.keys()),
    )


def join(
    differences: Iterable[ObjectDifference],
    old_types: TypesOf | None = None,
    new_types: TypesOf | None = None,
    detail: Detail = BRIEF,
    cfi: bool | None = None,
) -> Comparison:
    """All objects' differences as one, in an order that does not depend on theirs.

    A cause that several objects show is one cause. An export that one object lost and another got is
    compared with itself; old_types and new_types give the type strings of an object by its path, for the
    reason when its version changed on the way.
    """
    parts = list(differences)
    removed = [part.removed for part in parts if part.removed]
    added = [part.added for part in parts if part.added]
    moved: set[str] = set()
    for old, new in _moves(removed, added):
        moved |= {export.name for export in old.exports}
        parts.append(_compare_moved(old, new, old_types, new_types, detail=detail, cfi=cfi))
    changes = [change for part in parts for change in part.changes]
    for side in removed:
        changes += _one_sided(side, ChangeKind.REMOVED, moved)
    for side in added:
        changes += _one_sided(side, ChangeKind.ADDED, moved)
    causes = _merged(cause for part in parts for cause in part.causes.values())
    if old_types and new_types:
        causes = seen_elsewhere(causes, old_types, new_types)
    changes.sort(key=lambda change: (change.object, change.name, _KINDS.index(change.kind)))
    return Comparison(
        changes=tuple(graded(change, causes) for change in _with_causes(changes, causes)),
        causes=causes,
        unchanged=tuple(sorted(name for part in parts for name in part.unchanged)),
        hidden=merged(each for part in parts for each in part.hidden),
    )


# --- exports ---------------------------------------------------------------------------------------


def _exports(side: ObjectVersions) -> dict[str, Export]:
    return {export.name: export for export in side.exports}


def restricted(side: ObjectVersions, names: Collection[str]) -> ObjectVersions | None:
    """The versions of some of an object's exports."""
    if not names:
        return None
    return replace(
        side,
        exports=tuple(export for export in side.exports if export.name in names),
        versions={name: crc for name, crc in side.versions.items() if name in names},
        unversioned={name: reason for name, reason in side.unversioned.items() if name in names},
        warnings=(),
    )


def _changes(
    old: ObjectVersions, new: ObjectVersions, before: Export, after: Export
) -> Iterator[ExportChange]:
    """What happened to an export that both sides have."""

    def change(kind: ChangeKind, was: str, became: str) -> ExportChange:
        return ExportChange(
            kind,
            before.name,
            new.path,
            new.module,
            was,
            became,
            namespace=before.namespace,
        )

    was, became = _version(old, before.name), _version(new, before.name)
    if before.name not in old.versions or before.name not in new.versions:
        yield change(ChangeKind.UNVERSIONED, was, became)
    elif was != became:
        yield change(ChangeKind.VERSION, was, became)
    if before.namespace != after.namespace:
        yield change(ChangeKind.NAMESPACE, before.namespace, after.namespace)
    if before.licence != after.licence:
        yield change(ChangeKind.LICENCE, before.licence, after.licence)
    if old.module != new.module:
        yield change(ChangeKind.MODULE, old.module, new.module)


def _version(side: ObjectVersions, name: str) -> str:
    """The version, or why there is none."""
    if name in side.versions:
        return f"{side.versions[name]:#010x}"
    return side.unversioned.get(name) or "it has no version"


def _one_sided(side: ObjectVersions, kind: ChangeKind, moved: Collection[str]) -> Iterator[ExportChange]:
    for export in side.exports:
        if export.name in moved:
            continue
        version = _version(side, export.name)
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
            was, became = restricted(old, common), restricted(new, common)
            if was and became:
                yield was, became


def _compare_moved(
    old: ObjectVersions,
    new: ObjectVersions,
    old_types: TypesOf | None,
    new_types: TypesOf | None,
    *,
    detail: Detail,
    cfi: bool | None,
) -> ObjectDifference:
    if old_types is None or new_types is None:
        return compare_object(old, new)
    types, types_after = old_types, new_types
    return compare_object(
        old, new, lambda: types(old.path), lambda: types_after(new.path), detail=detail, cfi=cfi
    )


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
