"""Symtypes files against object files: an exact answer, where gendwarfksyms wrote the files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.detail import BRIEF
from kabicheck.compare.difference import compare_object, join
from kabicheck.errors import Incomparable
from kabicheck.model import WithoutPlaces
from kabicheck.pipeline.module_lists import with_attributes_of
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.pipeline.read_options import PLAIN
from kabicheck.pipeline.symtypes import SymtypesSet
from kabicheck.symver.from_symtypes import Tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.compare.detail import Detail
    from kabicheck.model import (
        Comparison,
        DescribedObject,
        DescribedSide,
        ObjectSet,
        ObjectVersions,
    )
    from kabicheck.pipeline.read_options import ReadOptions

NO_ATTRIBUTES = "symtypes files hold no licences, namespaces and modules, so these were not compared"


def compare_mixed(
    old: SymtypesSet | ObjectSet,
    new: SymtypesSet | ObjectSet,
    options: ReadOptions = PLAIN,
    reader: ObjectReader | None = None,
    detail: Detail = BRIEF,
) -> Comparison:
    """Compare symtypes files with the objects of another build; either may be the old side.

    detail: how much to say of each cause.

    Raises ObjectError, and Incomparable for files of genksyms, which reads source and not objects.
    """
    reader = reader or ObjectReader()
    old_versions, new_versions = _versions(old, options, reader), _versions(new, options, reader)
    notes = [NO_ATTRIBUTES]
    for side in (old, new):
        if not isinstance(side, SymtypesSet):
            notes += side.notes
        elif side.tool is Tool.GENKSYMS:
            raise Incomparable(
                f"{side.root}: symtypes of genksyms cannot be compared with object files",
                hint="genksyms reads source: compare them with symtypes that it wrote of the other side",
            )
    if isinstance(old, SymtypesSet):
        old_versions = with_attributes_of(old_versions, new_versions)
    else:
        new_versions = with_attributes_of(new_versions, old_versions)
    old_side, new_side = _side(old, options, reader), _side(new, options, reader)
    alone = _is_alone(old) and _is_alone(new)
    old_by_path = _by_path(old_versions, old_side, alone=alone)
    new_by_path = _by_path(new_versions, new_side, alone=alone)
    differences = [
        compare_object(old_by_path.get(path), new_by_path.get(path), detail=detail)
        for path in sorted({*old_by_path, *new_by_path})
    ]
    return replace(join(differences, old_side, new_side, detail=detail), notes=tuple(notes))


def _versions(
    side: SymtypesSet | ObjectSet, options: ReadOptions, reader: ObjectReader
) -> list[ObjectVersions]:
    if isinstance(side, SymtypesSet):
        return list(side.versions())
    return [reader.versions(built, options.old) for built in side.objects]


def _side(side: SymtypesSet | ObjectSet, options: ReadOptions, reader: ObjectReader) -> DescribedSide:
    return side if isinstance(side, SymtypesSet) else reader.side(side, options.old)


def _is_alone(side: SymtypesSet | ObjectSet) -> bool:
    """Whether a side is one object without a path, which is another version of the other side's only object."""
    paths = side.paths if isinstance(side, SymtypesSet) else [built.path for built in side.objects]
    return paths == [""]


def _by_path(
    objects: Iterable[ObjectVersions], side: DescribedSide, *, alone: bool
) -> Mapping[str, DescribedObject]:
    """Path on its side → the object, with versions that were completed from the other side.

    alone: There is one object, whose path is "": that of its versions is the file, for messages.
    """
    by_path = {"" if alone else each.path: each for each in objects}
    return {path: _CompletedObject(each, side, path) for path, each in by_path.items()}


class _CompletedObject(WithoutPlaces):
    """An object of either side, as a DescribedObject: only one of the sides could say where anything is declared."""

    is_typed = True

    def __init__(self, versions: ObjectVersions, side: DescribedSide, path: str) -> None:
        """path: The object's on its side."""
        self.versions = versions
        self._side = side
        self._path = path

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string, none where this side has no such object."""
        described = self._side.get(self._path)
        return described.types() if described else {}
