"""One export in what was given on the command line: its version, its types, and where it is declared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.formats.symtypes import is_reference
from kabicheck.pipeline.inputs import Input, read_input
from kabicheck.pipeline.reading import read_object
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from kabicheck.model import BuiltObject, Export, Location, ObjectVersions
    from kabicheck.progress import Progress


@dataclass(frozen=True, slots=True)
class ObjectExport:
    """An export, as one object of an input has it.

    name: The symbol's.
    object: The path of the object, or the input's where it has none.
    module: The module that holds it; "" where that is not known.
    export: Licence and namespace; None where these are not known.
    version: "0x1234abcd", or why there is none.
    types: Type reference or export → own type string of all that the object describes; empty where only versions are
        known.
    declared: Where the export is declared; None where that is not known.
    """

    name: str
    object: str
    module: str
    export: Export | None
    version: str
    types: Mapping[str, str]
    declared: Location | None = None


class Exports:
    """All exports of one input. Raises ObjectError, NoExports, FetchError for what cannot be read."""

    def __init__(self, path: Path, progress: Progress = SILENT) -> None:
        """path: What the input is; progress: is told of linked files, which are read whole."""
        self.path = path
        self._input = read_input(path, progress)
        self.names: set[str] = set()

    def find(self, name: str) -> Iterator[ObjectExport]:
        """Everything that exports a name; afterwards `names` has all that is exported."""
        yield from self._in_symtypes(name)
        for versions in self._input.versions:
            self.names |= {export.name for export in versions.exports}
            yield from _exports_called(name, str(self.path), versions, {})
        for built in self._exporting(name):
            reading = read_object(built)
            # An object that stands alone has no path below a root.
            where = built.path or str(self.path)
            declared = reading.reading.locations([name]).get(name)
            for export in _exports_called(name, where, reading.versions(), reading.types()):
                yield replace(export, declared=declared)

    def restricted(self, name: str) -> Input:
        """The input without the objects that do not export a name."""
        objects = tuple(self._exporting(name))
        return replace(self._input, objects=replace(self._input.objects, objects=objects))

    def _in_symtypes(self, name: str) -> Iterator[ObjectExport]:
        recorded = self._input.recorded
        if recorded is None:
            return
        for path in recorded.paths:
            types = recorded.types(path)
            exports = {export for export in types if not is_reference(export)}
            self.names |= exports
            if name in exports:
                versions = recorded.recorded(path, types).versions([name])
                for export in _exports_called(name, path or str(self.path), versions, types):
                    yield replace(export, export=None)

    def _exporting(self, name: str) -> Iterator[BuiltObject]:
        """The objects that may export a name, by their symbol tables: reading types takes far longer."""
        for built in self._input.objects.objects:
            names = exported_names(built)
            self.names |= names
            if name in names:
                yield built


def exported_names(built: BuiltObject) -> set[str]:
    """What an object exports, and for one of `rust/` perhaps what others there do."""
    if built.unit is not None:
        return {export.name for export in built.unit.exports}
    return {export.name for export in read_exports(Image(built.exporter or built.file))}


def _exports_called(
    name: str, where: str, versions: ObjectVersions, types: Mapping[str, str]
) -> Iterator[ObjectExport]:
    for export in versions.exports:
        if export.name == name:
            crc = versions.versions.get(name)
            version = versions.unversioned.get(name, "none") if crc is None else f"{crc:#010x}"
            yield ObjectExport(name, where, versions.module, export, version, types)
