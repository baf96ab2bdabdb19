"""What can be compared on disk, recognised by its content."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from kabicheck.compare.causes import BRIEF
from kabicheck.compare.difference import compare_object, join
from kabicheck.errors import NoExports, ObjectError, UsageError
from kabicheck.formats.bounded import read_head
from kabicheck.formats.consolidated import SymtypesFolder, read_consolidated
from kabicheck.formats.symtypes import REFERENCE_SUFFIX, SUFFIX
from kabicheck.formats.symvers import FIRST_LINE, is_symvers, read_symvers
from kabicheck.model import BuiltObject, ChangeKind, ObjectSet
from kabicheck.objects.directory import read_directory
from kabicheck.packed import plain_name
from kabicheck.pipeline.excerpt import excerpt, exports_of
from kabicheck.pipeline.linked import (
    UNKNOWN_LICENCES,
    holds_objects,
    is_linked_file,
    linked_files,
    read_linked,
    without,
)
from kabicheck.pipeline.mixed_kinds import compare_with_objects, compare_with_versions
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.reading import read_object
from kabicheck.pipeline.shipped import NOTHING, Release, only_shipped, read_release, remarks, with_attributes
from kabicheck.pipeline.symtypes import OneFile, Recorded, compare_recorded, is_by_genksyms
from kabicheck.plain_text import counted
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.compare.causes import Detail
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.index.index import Index
    from kabicheck.model import Comparison, ObjectVersions
    from kabicheck.progress import Progress


class Kind(StrEnum):
    """What an input is, in words for an error message."""

    OBJECT = "an object file"
    OBJECTS = "a folder of object files"
    LINKED = "a vmlinux, a module, or a folder of them"
    SYMTYPES = "a symtypes file"
    SYMTYPES_FOLDER = "a folder of symtypes files"
    CONSOLIDATED = "a consolidated symtypes file"
    SYMVERS = "a Module.symvers"
    KABI = "a Module.kabi"


# Red Hat's list of stable exports with their versions: Module.kabi_x86_64 and the like.
KABI = "Module.kabi"

# Of one object; the others are of a whole build.
SINGLE = {Kind.OBJECT, Kind.SYMTYPES}


@dataclass(frozen=True, slots=True)
class Input:
    """One side, and one of these. objects: to read types from; recorded: types; versions: without types, by module.

    release: what a build folder ships.
    """

    kind: Kind
    objects: ObjectSet = field(default_factory=lambda: ObjectSet(()))
    recorded: Recorded | None = None
    versions: tuple[ObjectVersions, ...] = ()
    release: Release = NOTHING

    @property
    def count(self) -> int:
        """Objects that are compared, 0 where they are not known."""
        return len(self.recorded.paths if self.recorded else self.objects.objects)


def read_input(path: Path, progress: Progress = SILENT) -> Input:
    """Recognise one side. progress: is told of linked files, which are read whole.

    Raises ObjectError, NoExports, FetchError.
    """
    if path.is_dir():
        return _read_folder(path, progress)
    head = _head(path)
    if head.startswith(b"\x7fELF"):
        if is_linked_file(path):
            return Input(Kind.LINKED, read_linked(path, progress))
        return Input(Kind.OBJECT, _single(path, "vmlinux"))
    if is_symvers(head[:FIRST_LINE].decode("latin-1")):
        versions = tuple(read_symvers(path))
        if not versions:
            raise NoExports(path, "lists no export")
        return Input(Kind.KABI if path.name.startswith(KABI) else Kind.SYMVERS, versions=versions)
    if head.startswith(b"/* ") or b"\nF#" in head:
        return Input(Kind.CONSOLIDATED, recorded=Recorded(path, read_consolidated(path)))
    if plain_name(path.name).endswith((SUFFIX, REFERENCE_SUFFIX)):
        return Input(Kind.SYMTYPES, recorded=Recorded(path, OneFile(path)))
    raise ObjectError(
        path,
        "neither an object file, nor a consolidated symtypes file, nor a Module.symvers",
        hint=f"symtypes files are recognised by their suffix, {SUFFIX}",
    )


def matched(old: Input, new: Input) -> tuple[Input, Input, str]:
    """What of both is compared: of a whole build against one object, that object; a sentence on what is left out.

    Raises UsageError, ObjectError, NoExports.
    """
    if (old.kind in SINGLE) == (new.kind in SINGLE):
        return old, new, ""
    if old.kind in SINGLE:
        new, note = excerpt(new, exports_of(old))
    else:
        old, note = excerpt(old, exports_of(new))
    return old, new, note


def compare_inputs(
    old: Input,
    new: Input,
    jobs: int = 0,
    index: Index | None = None,
    *,
    stable: bool = False,
    kabi: tuple[KabiRule, ...] = (),
    detail: Detail = BRIEF,
) -> Comparison:
    """Compare two inputs. index, stable, kabi, detail: as `compare_builds` has them.

    Both are of one object or both of a whole build, as `matched` makes them. Raises UsageError, Incomparable.
    """
    if kabi and not (old.objects.objects and new.objects.objects):
        raise UsageError("kABI rules can only be applied to object files")
    if old.versions or new.versions:
        result = _compare_versions(old, new, stable=stable)
        return _only_listed(result, old) if old.kind is Kind.KABI else result
    if old.recorded and new.recorded:
        result = compare_recorded(old.recorded, new.recorded, detail)
        return only_shipped(with_attributes(result, old.release, new.release), old.release, new.release)
    if old.recorded:
        return compare_with_objects(old.recorded, new.objects, stable=stable, detail=detail)
    if new.recorded:
        return compare_with_objects(new.recorded, old.objects, swapped=True, stable=stable, detail=detail)
    result = compare_builds(
        old.objects, new.objects, jobs, stable=stable, kabi=kabi, index=index, detail=detail, behind=True
    )
    if any(UNKNOWN_LICENCES in note for note in (*old.objects.notes, *new.objects.notes)):
        result = without(result, ChangeKind.LICENCE, ChangeKind.NAMESPACE)
    notes = dict.fromkeys((*old.objects.notes, *new.objects.notes, *remarks(old.objects, new.objects)))
    return only_shipped(replace(result, notes=(*notes, *result.notes)), old.release, new.release)


NO_TYPES = "Module.symvers holds versions only, so nothing can be said about why they changed"


def _compare_versions(old: Input, new: Input, *, stable: bool) -> Comparison:
    """At least one side is a Module.symvers."""
    if not new.versions:
        comparison = compare_with_versions(old.versions, _versions(new, stable=stable))
        return replace(comparison, notes=(NO_TYPES, *new.objects.notes))
    if not old.versions:
        comparison = compare_with_versions(new.versions, _versions(old, stable=stable), swapped=True)
        return replace(comparison, notes=(NO_TYPES, *old.objects.notes))
    before = {side.module: side for side in old.versions}
    after = {side.module: side for side in new.versions}
    modules = sorted(before.keys() | after.keys())
    comparison = join(compare_object(before.get(name), after.get(name)) for name in modules)
    return replace(comparison, notes=(NO_TYPES,))


def _only_listed(comparison: Comparison, old: Input) -> Comparison:
    """Without the exports that a Module.kabi does not list, whatever became of them.

    Red Hat's has no column for namespaces, so that an export's may be any.
    """
    if not any(export.namespace for side in old.versions for export in side.exports):
        comparison = without(comparison, ChangeKind.NAMESPACE)
    changes = comparison.changes
    listed = tuple(change for change in changes if change.kind is not ChangeKind.ADDED)
    left_out = {change.name for change in changes} - {change.name for change in listed}
    note = f"{KABI} does not list {counted(len(left_out), 'export')} of the new side, and nothing is said of these"
    notes = (*comparison.notes, note) if left_out else comparison.notes
    return replace(comparison, changes=listed, notes=notes)


def _versions(side: Input, *, stable: bool) -> list[ObjectVersions]:
    """The versions of each object of a side that is no Module.symvers."""
    if side.recorded:
        return list(side.recorded.versions())
    return [read_object(built, stable=stable).versions() for built in side.objects.objects]


def _read_folder(path: Path, progress: Progress) -> Input:
    corpus, release = SymtypesFolder(path), read_release(path)
    # Where the modules' versions are genksyms', its files say more of them than debug information does.
    if corpus.paths and (not holds_objects(path) or (release.genksyms and is_by_genksyms(corpus))):
        return Input(Kind.SYMTYPES_FOLDER, recorded=Recorded(path, corpus), release=release)
    if linked_files(path) and not holds_objects(path):
        return Input(Kind.LINKED, read_linked(path, progress))
    return Input(Kind.OBJECTS, read_directory(path), release=release)


def _single(path: Path, module: str) -> ObjectSet:
    """One file, which is another version of the one on the other side whatever their names are."""
    return ObjectSet((BuiltObject("", path, module),))


# Where the files of a consolidated file of the older format begin is not known; real ones are found by this much.
_HEAD = 64 << 20


def _head(path: Path) -> bytes:
    if path.exists() and not path.is_file():  # a pipe would be waited for, and could not be read twice
        raise ObjectError(path, "not a regular file")
    head = read_head(path, 4)
    return head if head == b"\x7fELF" else read_head(path, _HEAD)
