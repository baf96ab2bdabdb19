"""What a build folder says of what it ships: its `.config` and its Module.symvers, beside objects or symtypes files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.compare.classify import graded
from kabicheck.formats.bounded import read_text
from kabicheck.formats.symvers import read_symvers
from kabicheck.model import ChangeKind, ExportChange
from kabicheck.objects.kernel_config import differences, settings
from kabicheck.packed import SUFFIXES
from kabicheck.pipeline.module_lists import compare_modules
from kabicheck.pipeline.narrowing import with_changes
from kabicheck.plain_text import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
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
class ShippedBuild:
    """What a build folder says of what it ships.

    listed: What Module.symvers says, module by module; empty where there is none.
    genksyms: Whether the modules' versions are genksyms'.
    trimmed: Whether the build ships only those exports that something uses (CONFIG_TRIM_UNUSED_KSYMS).
    """

    listed: tuple[ObjectVersions, ...] = ()
    genksyms: bool = False
    trimmed: bool = False

    @property
    def exports(self) -> frozenset[str] | None:
        """The names of the exports that modules can use; None for all of them."""
        if not (self.trimmed and self.listed):
            return None
        return frozenset(export.name for module in self.listed for export in module.exports)


NOTHING_SAID = ShippedBuild()


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


def read_shipped_build(root: Path) -> ShippedBuild:
    """What a folder says of itself; nothing where it is no build folder. Raises ObjectError."""
    config = root / ".config"
    listed = (root / f"Module.symvers{packed}" for packed in ("", *SUFFIXES))
    symvers = next((path for path in listed if path.is_file()), None)
    options = settings(read_text(config, MOST_CONFIG, "a .config")) if config.is_file() else {}
    return ShippedBuild(
        listed=tuple(read_symvers(symvers)) if symvers else (),
        genksyms=options.get("MODVERSIONS") == "y" and options.get("GENDWARFKSYMS") != "y",
        trimmed=options.get("TRIM_UNUSED_KSYMS") == "y",
    )


def with_attributes(comparison: Comparison, old: ShippedBuild, new: ShippedBuild) -> Comparison:
    """With licences, namespaces and modules, which symtypes files do not hold and both Module.symvers do."""
    if not (old.listed and new.listed):
        return comparison
    paths = {name: path for _, path, name in comparison.unchanged}
    paths |= {change.name: change.object for change in comparison.changes}
    of_attributes = [
        replace(change, object=paths[change.name])
        for change in compare_modules(old.listed, new.listed).changes
        if change.kind in _ATTRIBUTES and change.name in paths
    ]
    return with_changes(comparison, (*comparison.changes, *of_attributes))


def only_shipped(comparison: Comparison, old: ShippedBuild, new: ShippedBuild) -> Comparison:
    """Tell what the builds ship from what their objects export.

    A change of an export that the old side did not ship cannot break a module, and does not fail. One that the new
    side does not ship any more is removed, whatever became of its type.
    """
    if old.exports is None and new.exports is None:
        trimmed = old.trimmed or new.trimmed
        return replace(comparison, notes=(TRIMMED, *comparison.notes)) if trimmed else comparison
    withdrawn = _withdrawn(comparison, old.exports, new.exports)
    changes = [_excused(change, old.exports) for change in comparison.changes if change.name not in withdrawn]
    not_shipped = {change.name for change in changes if not _ships(old.exports, change.name)}
    notes = _notes(comparison, old.exports, new.exports, not_shipped, withdrawn)
    return replace(
        with_changes(comparison, (*changes, *withdrawn.values())), notes=(*notes, *comparison.notes)
    )


def _ships(shipped: frozenset[str] | None, name: str) -> bool:
    return shipped is None or name in shipped


def _excused(change: ExportChange, old_shipped: frozenset[str] | None) -> ExportChange:
    """A change, which does not fail where the old side does not ship the export."""
    if change.fails and not _ships(old_shipped, change.name):
        return replace(change, fails=False, excuse=NOT_SHIPPED)
    return change


def _withdrawn(
    comparison: Comparison, old_shipped: frozenset[str] | None, new_shipped: frozenset[str] | None
) -> dict[str, ExportChange]:
    """Name → removal of each export that both sides have, and that only the old one ships."""
    one_sided = {
        change.name for change in comparison.changes if change.kind in {ChangeKind.ADDED, ChangeKind.REMOVED}
    }
    return {
        name: graded(ExportChange(ChangeKind.REMOVED, name, path, module, old="shipped"), {})
        for module, path, name in _exports(comparison)
        if name not in one_sided and _ships(old_shipped, name) and not _ships(new_shipped, name)
    }


def _notes(
    comparison: Comparison,
    old_shipped: frozenset[str] | None,
    new_shipped: frozenset[str] | None,
    not_shipped: Collection[str],
    withdrawn: Collection[str],
) -> Iterator[str]:
    """Sentences: how much each side ships, and what follows from it for the changes."""
    names = {name for *_, name in _exports(comparison)}
    for side, shipped in (("old", old_shipped), ("new", new_shipped)):
        if shipped is not None:
            yield (
                f"CONFIG_TRIM_UNUSED_KSYMS: the {side} side ships {len(names & shipped):,} of the "
                f"{counted(len(names), 'export')} that were compared"
            )
    if not_shipped:
        yield f"{counted(len(not_shipped), 'export')} differ that the old side does not ship: they do not count"
    if withdrawn:
        yield f"{counted(len(withdrawn), 'export')} that the old side ships, the new side only exports"


def _exports(comparison: Comparison) -> Iterator[tuple[str, str, str]]:
    """(module, object, export) of everything that was compared, once for each change of it."""
    yield from comparison.unchanged
    for change in comparison.changes:
        yield change.module, change.object, change.name
