"""Lists of versions, as Module.symvers has them, module by module: against each other, and against anything else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.difference import compare_object, join
from kabicheck.errors import Incomparable
from kabicheck.model import ChangeKind, RecordedObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kabicheck.model import Comparison, Export, ObjectVersions


def compare_modules(old: Iterable[ObjectVersions], new: Iterable[ObjectVersions]) -> Comparison:
    """Compare the versions of modules of the same names, of which no types are known."""
    old_modules = {side.module: RecordedObject(side) for side in old}
    new_modules = {side.module: RecordedObject(side) for side in new}
    names = sorted(old_modules.keys() | new_modules.keys())
    return join(compare_object(old_modules.get(name), new_modules.get(name)) for name in names)


def as_listed(objects: Iterable[ObjectVersions], listed: Sequence[ObjectVersions]) -> list[ObjectVersions]:
    """The exports of objects as those of modules.

    Which module an export is in is taken from the other side's list, as are licences and namespaces of objects that
    only symtypes files are known of.
    """
    module_of = {export.name: module.module for module in listed for export in module.exports}
    parts: dict[str, list[ObjectVersions]] = {}
    for each in objects:
        for module in {module_of.get(export.name, each.module) for export in each.exports}:
            names = {e.name for e in each.exports if module_of.get(e.name, each.module) == module}
            parts.setdefault(module, []).append(each.only(names))
    listed_modules = {module.module: module for module in listed}
    modules = []
    for name, of_module in parts.items():
        whole = _merged(name, of_module)
        if name in listed_modules and not any(part.toolchain for part in of_module):
            [whole] = with_attributes_of([whole], [listed_modules[name]])
        modules.append(whole)
    return modules


def with_attributes_of(
    objects: Iterable[ObjectVersions], others: Sequence[ObjectVersions]
) -> list[ObjectVersions]:
    """Objects that do not record licences, namespaces and modules, with those that the other side has."""
    exports = {export.name: export for other in others for export in other.exports}
    modules = {export.name: other.module for other in others for export in other.exports}
    return [
        replace(
            each,
            module=next((modules[e.name] for e in each.exports if e.name in modules), each.module),
            exports=tuple(exports.get(export.name, export) for export in each.exports),
        )
        for each in objects
    ]


def require_some_equal(comparison: Comparison) -> None:
    """Raise Incomparable where not one version is the same: then the two sides are by different tools."""
    changed = any(change.kind is ChangeKind.VERSION for change in comparison.changes)
    if changed and not comparison.unchanged:
        raise Incomparable(
            "no export has the same version on both sides",
            hint="one side is by genksyms and the other by gendwarfksyms, or by another compiler",
        )


def _merged(module: str, parts: Sequence[ObjectVersions]) -> ObjectVersions:
    """The exports of several objects as those of one module."""
    versions: dict[str, int] = {}
    unversioned: dict[str, str] = {}
    exports: dict[str, Export] = {}
    for part in parts:
        versions |= part.versions
        unversioned |= part.unversioned
        exports |= {export.name: export for export in part.exports}
    return replace(
        parts[0],
        path=module,
        module=module,
        exports=tuple(exports.values()),
        versions=versions,
        unversioned=unversioned,
    )
