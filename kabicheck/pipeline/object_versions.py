"""The versions of single object files, one after the other, as `kabicheck symver` asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.model import BuiltObject
from kabicheck.pipeline.kabi_notes import unused
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.pipeline.reading import find_versions, keep_versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kabicheck.index.index import Index
    from kabicheck.model import ObjectVersions
    from kabicheck.symver.object import ObjectReading


@dataclass(frozen=True, slots=True)
class ListedVersions:
    """The versions of the symbols on a list.

    versions: Symbol, once and in the list's order → its version; None where no object describes it.
    warnings: Sentences for the user.
    readings: The objects, from which type strings can be had.
    """

    versions: Mapping[str, int | None]
    warnings: tuple[str, ...]
    readings: tuple[ObjectReading, ...]


def listed_versions(paths: Iterable[str], names: Sequence[str], options: ReadOptions) -> ListedVersions:
    """The versions of some symbols in some objects: where several define one, the first counts. Raises ObjectError."""
    from kabicheck.symver.object import read_symbols
    from kabicheck.symver.symbols import Symbols

    readings = [read_symbols(path, names, stable=options.stable, kabi=options.kabi) for path in paths]
    known: dict[str, int] = {}
    warnings = []
    for reading in readings:
        warnings += [f"{reading.path}: {sentence}" for sentence in reading.warnings]
        known = {**reading.versions, **known}
    warnings += unused(options.kabi, {rule for reading in readings for rule in reading.used})
    symbols = [symbol.name for symbol in Symbols(names)]
    warnings += [f"no information for symbol {name}" for name in symbols if name not in known]
    return ListedVersions({name: known.get(name) for name in symbols}, tuple(warnings), tuple(readings))


def exported_versions(path: str, index: Index | None, *, stable: bool) -> ObjectVersions:
    """The versions of an object's exports, from the index or from the object itself. Raises ObjectError, NoExports."""
    built = BuiltObject(path, Path(path), "")
    versions = find_versions(index, built, ReadOptions(stable))
    if versions is None:
        from kabicheck.symver.object import ExportReading

        versions = ExportReading(path, stable=stable).versions()
        keep_versions(index, built, versions, ReadOptions(stable))
    return versions
