"""Inputs of unlike kinds, as far as an exact answer can be given: types against objects, versions against anything."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from kabicheck.compare.causes import BRIEF
from kabicheck.compare.difference import compare_object, join, restricted
from kabicheck.errors import Incomparable
from kabicheck.model import ChangeKind
from kabicheck.pipeline.reading import read_object
from kabicheck.symver.from_symtypes import Tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.compare.causes import Detail
    from kabicheck.model import Comparison, Export, ObjectSet, ObjectVersions
    from kabicheck.pipeline.symtypes import Recorded

NO_ATTRIBUTES = "symtypes files hold no licences, namespaces and modules, so these were not compared"


def compare_with_objects(
    recorded: Recorded,
    objects: ObjectSet,
    *,
    swapped: bool = False,
    stable: bool = False,
    detail: Detail = BRIEF,
) -> Comparison:
    """Compare symtypes files with the objects of another build.

    swapped: the objects are the old side; detail: how much to say of each cause.

    Raises Incomparable for files of genksyms, which reads source and not objects.
    """
    built = {each.path: each for each in objects.objects}

    def types_of_object(path: str) -> Mapping[str, str]:
        return read_object(built[path], stable=stable).types()

    by_object = {path: read_object(each, stable=stable).versions() for path, each in built.items()}
    by_file = _with_attributes(list(recorded.versions()), list(by_object.values()))
    if recorded.tool is Tool.GENKSYMS:
        raise Incomparable(
            f"{recorded.root}: symtypes of genksyms cannot be compared with object files",
            hint="genksyms reads source: compare them with symtypes that it wrote of the other side",
        )
    sides = (by_object, by_file) if swapped else (by_file, by_object)
    types = (types_of_object, recorded.types) if swapped else (recorded.types, types_of_object)
    differences = [
        compare_object(
            sides[0].get(path),
            sides[1].get(path),
            partial(types[0], path),
            partial(types[1], path),
            detail=detail,
        )
        for path in sorted({*by_object, *by_file})
    ]
    return replace(join(differences, *types, detail), notes=(NO_ATTRIBUTES, *objects.notes))


def compare_with_versions(
    listed: Iterable[ObjectVersions], others: Iterable[ObjectVersions], *, swapped: bool = False
) -> Comparison:
    """Compare a Module.symvers with the versions of objects or symtypes files, export by export.

    swapped: the list is the new side. Which module an export is in is taken from the list. Raises Incomparable
    where not one version is the same: then the two sides are by different tools.
    """
    by_module = {side.module: side for side in listed}
    module_of = {export.name: side.module for side in by_module.values() for export in side.exports}
    groups: dict[str, list[ObjectVersions]] = {}
    for side in others:
        for module in {module_of.get(export.name, side.module) for export in side.exports}:
            names = {e.name for e in side.exports if module_of.get(e.name, side.module) == module}
            part = restricted(side, names)
            assert part is not None
            groups.setdefault(module, []).append(part)
    merged = {module: _merged(module, sides, by_module.get(module)) for module, sides in groups.items()}
    pairs = [
        (by_module.get(module), merged.get(module)) for module in sorted(by_module.keys() | merged.keys())
    ]
    comparison = join(compare_object(*(pair[::-1] if swapped else pair)) for pair in pairs)
    changed = sum(change.kind is ChangeKind.VERSION for change in comparison.changes)
    if changed and not comparison.unchanged:
        raise Incomparable(
            "no export has the same version on both sides",
            hint="one side is by genksyms and the other by gendwarfksyms, or by another compiler",
        )
    return comparison


def _merged(module: str, sides: list[ObjectVersions], listed: ObjectVersions | None) -> ObjectVersions:
    """The exports of several objects as those of one module, as Module.symvers has them."""
    versions: dict[str, int] = {}
    unversioned: dict[str, str] = {}
    exports: dict[str, Export] = {}
    for side in sides:
        versions |= side.versions
        unversioned |= side.unversioned
        exports |= {export.name: export for export in side.exports}
    whole = replace(
        sides[0],
        path=module,
        module=module,
        exports=tuple(exports.values()),
        versions=versions,
        unversioned=unversioned,
    )
    if listed is None or any(side.toolchain for side in sides):
        return whole
    return _with_attributes([whole], [listed])[module]


def _with_attributes(sides: list[ObjectVersions], known: list[ObjectVersions]) -> dict[str, ObjectVersions]:
    """By path, with licences, namespaces and modules as the other side has them, for sides that do not record them."""
    attributes = {export.name: export for side in known for export in side.exports}
    modules = {export.name: side.module for side in known for export in side.exports}
    return {
        side.path: replace(
            side,
            module=next((modules[e.name] for e in side.exports if e.name in modules), side.module),
            exports=tuple(attributes.get(export.name, export) for export in side.exports),
        )
        for side in sides
    }
