"""What a build folder says of what it ships: its `.config` and its Module.symvers, beside objects or symtypes files."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.compare.classify import graded
from kabicheck.compare.difference import compare_object, join
from kabicheck.formats.bounded import read_text
from kabicheck.formats.symvers import read_symvers
from kabicheck.model import ChangeKind, ExportChange
from kabicheck.objects.kernel_config import differences, settings
from kabicheck.packed import SUFFIXES
from kabicheck.plain_text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kabicheck.model import Comparison, ObjectSet, ObjectVersions

MOST_CONFIG = 16 << 20  # bytes; an allyesconfig has 0.3 MB

GENKSYMS = (
    "this tree's modules carry versions by genksyms, which are other numbers; what changed is calculated from "
    "debug information"
)
TRIMMED = "CONFIG_TRIM_UNUSED_KSYMS ships fewer symbols than the objects export"
NOT_SHIPPED = "the old side does not ship it"
_ATTRIBUTES = {ChangeKind.LICENCE, ChangeKind.NAMESPACE, ChangeKind.MODULE}


@dataclass(frozen=True, slots=True)
class Release:
    """listed: what Module.symvers says, by module; genksyms: the modules' versions are genksyms'; trimmed: the build
    ships only those exports that something uses (CONFIG_TRIM_UNUSED_KSYMS)."""

    listed: tuple[ObjectVersions, ...] = ()
    genksyms: bool = False
    trimmed: bool = False

    @property
    def shipped(self) -> frozenset[str] | None:
        """The exports that modules can use; None for all of them."""
        if not (self.trimmed and self.listed):
            return None
        return frozenset(export.name for side in self.listed for export in side.exports)


NOTHING = Release()


def remarks(old: ObjectSet, new: ObjectSet) -> list[str]:
    """Sentences about two builds whose types come from debug information."""
    notes = []
    if old.config and new.config:
        changed = differences(old.config, new.config)
        if changed:
            shown = ", ".join(f"CONFIG_{s.name} {s.old} → {s.new}" for s in changed[:5])
            more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
            notes.append(f"the configuration differs: {shown}{more}")
    if old.genksyms or new.genksyms:
        notes.append(GENKSYMS)
    return notes


def read_release(root: Path) -> Release:
    """What a folder says of itself; nothing where it is no build folder. Raises ObjectError."""
    config = root / ".config"
    listed = (root / f"Module.symvers{packed}" for packed in ("", *SUFFIXES))
    symvers = next((path for path in listed if path.is_file()), None)
    options = settings(read_text(config, MOST_CONFIG, "a .config")) if config.is_file() else {}
    return Release(
        listed=tuple(read_symvers(symvers)) if symvers else (),
        genksyms=options.get("MODVERSIONS") == "y" and options.get("GENDWARFKSYMS") != "y",
        trimmed=options.get("TRIM_UNUSED_KSYMS") == "y",
    )


def with_attributes(comparison: Comparison, old: Release, new: Release) -> Comparison:
    """With licences, namespaces and modules, which symtypes files do not hold and both Module.symvers do."""
    if not (old.listed and new.listed):
        return comparison
    before = {side.module: side for side in old.listed}
    after = {side.module: side for side in new.listed}
    listed = join(
        compare_object(before.get(module), after.get(module)) for module in sorted({*before, *after})
    )
    place = {name: path for _, path, name in comparison.unchanged}
    place |= {change.name: change.object for change in comparison.changes}
    found = [
        replace(change, object=place[change.name])
        for change in listed.changes
        if change.kind in _ATTRIBUTES and change.name in place
    ]
    return _changed(comparison, (*comparison.changes, *found))


def only_shipped(comparison: Comparison, old: Release, new: Release) -> Comparison:
    """Tell what the builds ship from what their objects export.

    A change of an export that the old side did not ship cannot break a module, and does not fail. One that the new
    side does not ship any more is removed, whatever became of its type.
    """
    was, became = old.shipped, new.shipped
    if was is None and became is None:
        trimmed = old.trimmed or new.trimmed
        return replace(comparison, notes=(TRIMMED, *comparison.notes)) if trimmed else comparison
    changes = [
        replace(change, fails=False, excuse=NOT_SHIPPED)
        if was is not None and change.name not in was and change.fails
        else change
        for change in comparison.changes
    ]
    withdrawn = {}
    if became is not None:
        gone = {change.name for change in changes if change.kind in {ChangeKind.ADDED, ChangeKind.REMOVED}}
        for module, path, name in _exports(comparison):
            if name not in became and name not in gone and (was is None or name in was):
                removed = ExportChange(ChangeKind.REMOVED, name, path, module, old="shipped")
                withdrawn[name] = graded(removed, {})
    changes = [change for change in changes if change.name not in withdrawn]
    names = {name for *_, name in _exports(comparison)}
    notes = [*_counts("old", was, names), *_counts("new", became, names)]
    held_back = Counter(change.name for change in changes if was is not None and change.name not in was)
    if held_back:
        notes.append(
            f"{counted(len(held_back), 'export')} differ that the old side does not ship: they do not count"
        )
    if withdrawn:
        notes.append(
            f"{counted(len(withdrawn), 'export')} that the old side ships, the new side only exports"
        )
    return replace(_changed(comparison, (*changes, *withdrawn.values())), notes=(*notes, *comparison.notes))


def _counts(side: str, shipped: frozenset[str] | None, names: set[str]) -> Iterator[str]:
    if shipped is not None:
        yield (
            f"CONFIG_TRIM_UNUSED_KSYMS: the {side} side ships {len(names & shipped):,} of the "
            f"{counted(len(names), 'export')} that were compared"
        )


def _exports(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    yield from comparison.unchanged
    for change in comparison.changes:
        yield change.module, change.object, change.name


def _changed(comparison: Comparison, changes: Iterable[ExportChange]) -> Comparison:
    """With other changes; their exports are not among the unchanged ones."""
    kinds = tuple(ChangeKind)
    ordered = tuple(sorted(changes, key=lambda c: (c.object, c.name, kinds.index(c.kind))))
    names = {change.name for change in ordered}
    return replace(
        comparison,
        changes=ordered,
        unchanged=tuple(each for each in comparison.unchanged if each[2] not in names),
    )
