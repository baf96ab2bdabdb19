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
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from kabicheck.model import BuiltObject, Export, Location, ObjectVersions
    from kabicheck.progress import Progress


@dataclass(frozen=True, slots=True)
class Found:
    """An export in one object. object: its path, or the input's; version: "0x1234abcd", or why there is none.

    export: None where neither licence nor namespace is known;
    types: type reference or export → own type string, empty where only versions are known; locate: where names of it
    are declared.
    """

    name: str
    object: str
    module: str
    export: Export | None
    version: str
    types: Mapping[str, str]
    locate: Callable[[Iterable[str]], Mapping[str, Location]]


class Exports:
    """All exports of one input. Raises ObjectError, NoExports, FetchError for what cannot be read."""

    def __init__(self, path: Path, progress: Progress = SILENT) -> None:
        self._path = str(path)
        self._input = read_input(path, progress)
        self.names: set[str] = set()

    def find(self, name: str) -> Iterator[Found]:
        """Everything that exports a name; afterwards `names` has all that is exported."""
        yield from self._in_recorded(name)
        for versions in self._input.versions:
            self.names |= {export.name for export in versions.exports}
            yield from _found(name, self._path, versions, {}, _nowhere)
        for built in self._exporting(name):
            reading = read_object(built)
            # An object that stands alone has no path below a root.
            where = built.path or self._path
            yield from _found(name, where, reading.versions(), reading.types(), reading.reading.locations)

    def restricted(self, name: str) -> Input:
        """The input without the objects that do not export a name."""
        objects = tuple(self._exporting(name))
        return replace(self._input, objects=replace(self._input.objects, objects=objects))

    def _in_recorded(self, name: str) -> Iterator[Found]:
        recorded = self._input.recorded
        if recorded is None:
            return
        for path in recorded.paths:
            types = recorded.types(path)
            exports = {export for export in types if not is_reference(export)}
            self.names |= exports
            if name in exports:
                versions = recorded.recorded(path, types).versions([name])
                for found in _found(name, path or self._path, versions, types, _nowhere):
                    yield replace(found, export=None)

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


def _found(
    name: str,
    where: str,
    versions: ObjectVersions,
    types: Mapping[str, str],
    locate: Callable[[Iterable[str]], Mapping[str, Location]],
) -> Iterator[Found]:
    for export in versions.exports:
        if export.name == name:
            crc = versions.versions.get(name)
            version = versions.unversioned.get(name, "none") if crc is None else f"{crc:#010x}"
            yield Found(name, where, versions.module, export, version, types, locate)


def _nowhere(_names: Iterable[str]) -> Mapping[str, Location]:
    return {}
