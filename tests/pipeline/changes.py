"""Comparisons and lists of versions as plain data."""

from __future__ import annotations

from kabicheck.model import ChangeKind, Comparison, Export, ExportChange, ObjectVersions


def listed(module: str, licence: str = "", namespace: str = "", /, **versions: int) -> ObjectVersions:
    """A module as Module.symvers has it: export → version, 0 for none."""
    return ObjectVersions(
        module,
        module,
        tuple(Export(name, licence, namespace) for name in versions),
        {name: version for name, version in versions.items() if version},
        {name: "no version" for name, version in versions.items() if not version},
    )


def change(kind: ChangeKind, name: str, path: str = "a.o") -> ExportChange:
    return ExportChange(kind, name, path, "vmlinux")


def comparison(*changes: ExportChange, same: tuple[str, ...] = ()) -> Comparison:
    """A comparison with some changes, and exports of a.o that are the same."""
    return Comparison(changes, {}, tuple(("vmlinux", "a.o", name) for name in same))


def kinds(of: Comparison) -> set[tuple[str, str]]:
    """(export, kind) of each change."""
    return {(each.name, str(each.kind)) for each in of.changes}
