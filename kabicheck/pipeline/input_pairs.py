"""The comparison of two inputs, of whatever kinds they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.detail import BRIEF
from kabicheck.errors import UsageError
from kabicheck.model import ChangeKind
from kabicheck.pipeline.excerpt import excerpt, exports_of
from kabicheck.pipeline.inputs import MODULE_KABI, InputKind
from kabicheck.pipeline.linked import UNKNOWN_LICENCES
from kabicheck.pipeline.mixed_kinds import compare_mixed
from kabicheck.pipeline.module_lists import as_listed, compare_modules, require_some_equal
from kabicheck.pipeline.narrowing import without_kinds
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.pipeline.objects import compare_builds
from kabicheck.pipeline.read_options import PLAIN
from kabicheck.pipeline.shipped import only_shipped, remarks, with_attributes
from kabicheck.pipeline.symtypes import compare_symtypes
from kabicheck.plain_text import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.compare.detail import Detail
    from kabicheck.model import Comparison, ObjectVersions
    from kabicheck.pipeline.inputs import Input
    from kabicheck.pipeline.read_options import ReadOptions

NO_TYPES = "Module.symvers holds versions only, so nothing can be said about why they changed"


def of_equal_extent(old: Input, new: Input) -> tuple[Input, Input, str]:
    """What of both is compared: of a whole build against one object, that object; and a sentence on what is left out.

    Raises UsageError, ObjectError, NoExports.
    """
    if old.kind.of_one_object == new.kind.of_one_object:
        return old, new, ""
    if old.kind.of_one_object:
        new, note = excerpt(new, exports_of(old))
    else:
        old, note = excerpt(old, exports_of(new))
    return old, new, note


def compare_inputs(
    old: Input,
    new: Input,
    options: ReadOptions = PLAIN,
    reader: ObjectReader | None = None,
    *,
    jobs: int = 0,
    detail: Detail = BRIEF,
) -> Comparison:
    """Compare two inputs, which are both of one object or both of a whole build, as `of_equal_extent` makes them.

    options, reader, jobs, detail: as `compare_builds` has them.

    Raises UsageError where kABI rules cannot be applied, Incomparable, NoExports, ObjectError.
    """
    reader = reader or ObjectReader()
    if options.kabi and not (old.objects.objects and new.objects.objects):
        raise UsageError("kABI rules can only be applied to object files")
    if old.listed or new.listed:
        return _compare_lists(old, new, options, reader)
    if old.symtypes and new.symtypes:
        comparison = compare_symtypes(old.symtypes, new.symtypes, detail)
        comparison = with_attributes(comparison, old.shipped, new.shipped)
        return only_shipped(comparison, old.shipped, new.shipped)
    if old.symtypes or new.symtypes:
        return compare_mixed(
            old.symtypes or old.objects, new.symtypes or new.objects, options, reader, detail
        )
    return _compare_objects(old, new, options, reader, jobs=jobs, detail=detail)


def _compare_objects(
    old: Input, new: Input, options: ReadOptions, reader: ObjectReader, *, jobs: int, detail: Detail
) -> Comparison:
    """Both sides are objects, or units of linked files."""
    comparison = compare_builds(
        old.objects,
        new.objects,
        options,
        reader,
        jobs=jobs,
        detail=detail,
        look_behind=True,
    )
    of_sides = (*old.objects.notes, *new.objects.notes)
    if any(UNKNOWN_LICENCES in note for note in of_sides):
        comparison = without_kinds(comparison, ChangeKind.LICENCE, ChangeKind.NAMESPACE)
    notes = dict.fromkeys((*of_sides, *remarks(old.objects, new.objects)))
    comparison = replace(comparison, notes=(*notes, *comparison.notes))
    return only_shipped(comparison, old.shipped, new.shipped)


def _compare_lists(old: Input, new: Input, options: ReadOptions, reader: ObjectReader) -> Comparison:
    """At least one side is a list of versions, and the other one is compared as if it were one, too."""
    old_modules = old.listed or as_listed(_versions(old, options, reader), new.listed)
    new_modules = new.listed or as_listed(_versions(new, options, reader), old.listed)
    comparison = compare_modules(old_modules, new_modules)
    if not (old.listed and new.listed):
        require_some_equal(comparison)
    comparison = replace(comparison, notes=(NO_TYPES, *old.objects.notes, *new.objects.notes))
    return _only_listed(comparison, old.listed) if old.kind is InputKind.KABI else comparison


def _versions(side: Input, options: ReadOptions, reader: ObjectReader) -> list[ObjectVersions]:
    """The versions of each object of a side that is no list of them."""
    if side.symtypes:
        return list(side.symtypes.versions())
    return [reader.versions(built, options.old) for built in side.objects.objects]


def _only_listed(comparison: Comparison, listed: Sequence[ObjectVersions]) -> Comparison:
    """Without the exports that a Module.kabi does not list, whatever became of them.

    Red Hat's has no column for namespaces, so that an export's may be any.
    """
    if not any(export.namespace for module in listed for export in module.exports):
        comparison = without_kinds(comparison, ChangeKind.NAMESPACE)
    kept = tuple(change for change in comparison.changes if change.kind is not ChangeKind.ADDED)
    left_out = {change.name for change in comparison.changes} - {change.name for change in kept}
    if left_out:
        number = counted(len(left_out), "export")
        note = f"{MODULE_KABI} does not list {number} of the new side, and nothing is said of these"
        comparison = replace(comparison, notes=(*comparison.notes, note))
    return replace(comparison, changes=kept)
