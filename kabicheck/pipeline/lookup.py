"""One export in what was given on the command line: its version, its types, and where it is declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from kabicheck.pipeline.exported_names import exported, exported_by
from kabicheck.pipeline.inputs import Input, read_input
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kabicheck.model import BuiltObject, Export, Location, ObjectVersions
    from kabicheck.progress import Progress


@dataclass(frozen=True, slots=True)
class ObjectExport:
    """An export, as one object of an input has it.

    name: The export's.
    object: The object's path, or that of the input where the object has none.
    module: Its module, "" where that is not known.
    export: Licence and namespace, None where neither is known.
    version: "0x1234abcd", or why there is none.
    types: Type reference or export → own type string; empty where only versions are known.
    declared: Where the export is declared, None where that is not known.
    """

    name: str
    object: str
    module: str
    export: Export | None
    version: str
    types: Mapping[str, str]
    declared: Location | None = None


class ExportLookup:
    """Finds exports in one input. Raises ObjectError, NoExports, FetchError for what cannot be read."""

    def __init__(self, path: Path, progress: Progress = SILENT, reader: ObjectReader | None = None) -> None:
        """path: What the input is; progress: is told of linked files, which are read whole."""
        self.path = path
        self._reader = reader or ObjectReader()
        self._input = read_input(path, progress)

    @cached_property
    def names(self) -> frozenset[str]:
        """All that is exported. Raises ObjectError."""
        listed = (frozenset(export.name for export in module.exports) for module in self._input.listed)
        return frozenset().union(*listed, *self._names_in_symtypes.values(), *self._names_in_objects.values())

    def find(self, name: str) -> Iterator[ObjectExport]:
        """What everything says that exports a name. Raises ObjectError."""
        yield from self._in_symtypes(name)
        yield from self._in_lists(name)
        yield from self._in_objects(name)

    def restricted(self, name: str) -> Input:
        """The input without the objects that do not export a name. Raises ObjectError."""
        paths = {path for path, names in self._names_in_objects.items() if name in names}
        return replace(self._input, objects=self._input.objects.only(paths))

    def _in_symtypes(self, name: str) -> Iterator[ObjectExport]:
        symtypes = self._input.symtypes
        if symtypes is None:
            return
        for path, names in self._names_in_symtypes.items():
            if name in names:
                types = symtypes.types(path)
                versions = symtypes.recorded_types(path, types).versions([name])
                where = path or str(self.path)
                yield ObjectExport(name, where, versions.module, None, _version(name, versions), types)

    def _in_lists(self, name: str) -> Iterator[ObjectExport]:
        for module in self._input.listed:
            for export in module.exports:
                if export.name == name:
                    version = _version(name, module)
                    yield ObjectExport(name, str(self.path), module.module, export, version, {})

    def _in_objects(self, name: str) -> Iterator[ObjectExport]:
        for built in self._exporting(name):
            described = self._reader.object(built)
            versions = described.versions
            for export in versions.exports:
                if export.name == name:
                    yield ObjectExport(
                        name,
                        built.path or str(self.path),
                        versions.module,
                        export,
                        _version(name, versions),
                        described.types(),
                        self._reader.decoded(built).locations([name]).get(name),
                    )

    def _exporting(self, name: str) -> Iterator[BuiltObject]:
        for built in self._input.objects.objects:
            if name in self._names_in_objects[built.path]:
                yield built

    @cached_property
    def _names_in_symtypes(self) -> Mapping[str, frozenset[str]]:
        """Path of an object → what its symtypes file says that it exports."""
        symtypes = self._input.symtypes
        return {path: exported(symtypes.types(path)) for path in symtypes.paths} if symtypes else {}

    @cached_property
    def _names_in_objects(self) -> Mapping[str, frozenset[str]]:
        """Path of an object → what it may export, by its symbol table."""
        return {built.path: exported_by(built) for built in self._input.objects.objects}


def _version(name: str, versions: ObjectVersions) -> str:
    """An export's version as it is shown, or why it has none."""
    return versions.version_or_reason(name, unknown="none")
