"""Symtypes files against object files: an exact answer, where gendwarfksyms wrote the files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kabicheck.compare.causes import BRIEF
from kabicheck.compare.difference import compare_object, join
from kabicheck.errors import Incomparable
from kabicheck.pipeline.module_lists import with_attributes_of
from kabicheck.pipeline.reading import read_object
from kabicheck.pipeline.request import PLAIN
from kabicheck.pipeline.symtypes import SymtypesSet
from kabicheck.symver.from_symtypes import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from kabicheck.compare.causes import Detail
    from kabicheck.model import Comparison, ObjectSet, ObjectVersions
    from kabicheck.pipeline.request import ReadOptions

NO_ATTRIBUTES = "symtypes files hold no licences, namespaces and modules, so these were not compared"


def compare_mixed(
    old: SymtypesSet | ObjectSet,
    new: SymtypesSet | ObjectSet,
    options: ReadOptions = PLAIN,
    detail: Detail = BRIEF,
) -> Comparison:
    """Compare symtypes files with the objects of another build; either may be the old side.

    detail: how much to say of each cause.

    Raises ObjectError, and Incomparable for files of genksyms, which reads source and not objects.
    """
    old_versions, new_versions = _versions(old, options), _versions(new, options)
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
    old_objects = {each.path: each for each in old_versions}
    new_objects = {each.path: each for each in new_versions}
    old_types, new_types = _types(old, options), _types(new, options)
    differences = [
        compare_object(
            old_objects.get(path),
            new_objects.get(path),
            partial(old_types, path),
            partial(new_types, path),
            detail=detail,
        )
        for path in sorted({*old_objects, *new_objects})
    ]
    return replace(join(differences, old_types, new_types, detail), notes=tuple(notes))


def _versions(side: SymtypesSet | ObjectSet, options: ReadOptions) -> list[ObjectVersions]:
    if isinstance(side, SymtypesSet):
        return list(side.versions())
    return [read_object(built, stable=options.stable).versions() for built in side.objects]


def _types(side: SymtypesSet | ObjectSet, options: ReadOptions) -> Callable[[str], Mapping[str, str]]:
    """Path of an object → its type strings, which are read again; empty where this side has no such object."""
    if isinstance(side, SymtypesSet):
        return side.types
    by_path = {built.path: built for built in side.objects}

    def types(path: str) -> Mapping[str, str]:
        return read_object(by_path[path], stable=options.stable).types() if path in by_path else {}

    return types
