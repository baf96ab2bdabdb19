"""One unit of a linked file, read as the object that it was."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError, Unsupported
from kabicheck.model import LinkedUnit, ObjectVersions
from kabicheck.symver.linked import LinkedFile
from kabicheck.symver.object import ExportReading, ObjectReading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.model import BuiltObject, Location


def open_linked(path: Path | str) -> LinkedFile:
    """A linked file; the two that were read last are kept. Raises ObjectError."""
    try:
        status = Path(path).stat()
    except OSError as error:
        raise ObjectError(path, f"cannot be read ({error.strerror})") from None
    return _opened(str(path), status.st_ino, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2)  # both sides of a comparison
def _opened(path: str, *_state: int) -> LinkedFile:
    return LinkedFile(path)


def read_unit(built: BuiltObject, *, stable: bool = False) -> ExportReading:
    """What a unit of a linked file exports. Raises ObjectError for a file that cannot be read, Unsupported with
    `stable`."""
    unit = built.unit
    assert unit is not None
    if stable:
        raise Unsupported(
            built.file,
            "kABI rules are in no linked file",
            hint="give the build's object files, or leave out --stable",
        )
    if unit.number is None:
        return NoReading(built, unit.unversioned)
    try:
        return UnitReading(open_linked(built.file), built, unit, unit.number)
    except ObjectError as error:
        return _unreadable(built, unit, error)


def _unreadable(built: BuiltObject, unit: LinkedUnit, error: ObjectError) -> NoReading:
    return NoReading(built, dict.fromkeys((export.name for export in unit.exports), error.problem))


class UnitReading(ExportReading):
    """A unit with all that it exports."""

    def __init__(self, file: LinkedFile, built: BuiltObject, unit: LinkedUnit, number: int) -> None:
        self._name, self._module = built.path, built.module
        self._built, self._unit = built, unit
        self.exports = unit.exports
        names = [export.name for export in unit.exports]
        self.reading = ObjectReading(file.image, names, stable=False, info=file.unit(number, unit))

    def versions(self) -> ObjectVersions:
        """The result as plain data, also of a unit of which not even the compiler's name can be read."""
        try:
            return super().versions()
        except ObjectError as error:
            return _unreadable(self._built, self._unit, error).versions()


class NoReading(ExportReading):
    """Exports of a linked file that can have no version."""

    def __init__(self, built: BuiltObject, reasons: Mapping[str, str]) -> None:
        assert built.unit is not None
        self.exports = built.unit.exports
        self.reading = _Nothing()
        self._versions = ObjectVersions(built.path, built.module, self.exports, {}, reasons)

    def versions(self) -> ObjectVersions:
        """Every export with the reason why it has no version."""
        return self._versions


class _Nothing(ObjectReading):
    """What is known of exports that no unit describes."""

    def __init__(self) -> None:
        pass

    def types(self) -> dict[str, str]:
        return {}

    def locations(self, names: Iterable[str]) -> dict[str, Location]:
        del names
        return {}

    def members(self, names: Iterable[str]) -> dict[str, dict[str, Location]]:
        del names
        return {}

    def source_tree(self, path: str) -> str:
        del path
        return ""
