"""How an object file is read: from itself, or from what the index knows of it."""

from __future__ import annotations

import os
from contextlib import nullcontext, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.pipeline.read_options import PLAIN

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from kabicheck.index.index import Index
    from kabicheck.model import BuiltObject, ObjectVersions
    from kabicheck.pipeline.read_options import ReadOptions
    from kabicheck.progress import Warn
    from kabicheck.symver.locations import Locations
    from kabicheck.symver.object import ExportReading

ET_REL = 1


def open_index(
    warn: Warn, *, no_cache: bool = False, verify: bool = False
) -> AbstractContextManager[Index | None]:
    """The index of versions in the cache folder, None where nothing of it may be used.

    warn: is told what is wrong with it; verify: the content of every file is read, whatever its size and times say.
    Raises UsageError where there is no place for it.
    """
    if no_cache:
        return nullcontext()
    from kabicheck.index.index import Index

    return Index.opened(warn, verify=verify)


def is_object(path: Path | str) -> bool:
    """Whether a file is an object at first sight, by its name and header: there may be hundreds."""
    if os.fspath(path).endswith(".o") and Path(path).is_file():  # opening a pipe would wait
        with suppress(OSError), Path(path).open("rb") as file:
            head = file.read(20)
            return head[:4] == b"\x7fELF" and ET_REL in head[16:18]
    return False


def read_object(built: BuiltObject, options: ReadOptions = PLAIN) -> ExportReading:
    """An object's exports, versions and types. Raises ObjectError, and UsageError for rules that make no sense in it.

    This decodes the object: what is to be asked of it more than once is asked of an `ObjectReader`.
    """
    if built.unit is not None:
        from kabicheck.symver.linked_unit import read_unit

        return read_unit(built, stable=options.stable)
    from kabicheck.errors import ObjectError
    from kabicheck.symver.object import ExportReading

    try:
        return ExportReading(
            built.file,
            types=built.types,
            exporter=built.exporter,
            name=built.path,
            module=built.module,
            stable=options.stable,
            kabi=options.kabi,
        )
    except ObjectError as error:
        if built.archive:  # not the place in the cache that it was unpacked to, which nobody knows
            raise error.about(f"{built.archive}: {built.path}") from None
        raise


def open_places(built: BuiltObject) -> Locations:
    """What says where the declarations of an object are, which needs no versions. Raises ObjectError."""
    from kabicheck.symver.locations import Locations

    if built.unit is None:
        from kabicheck.dwarf.info import DebugInfo
        from kabicheck.elf.image import Image

        return Locations(DebugInfo(Image(built.types or built.file)))
    from kabicheck.symver.linked_unit import open_linked

    assert built.unit.number is not None
    return Locations(open_linked(built.file).unit(built.unit.number, built.unit))


def find_versions(
    index: Index | None, built: BuiltObject, options: ReadOptions = PLAIN
) -> ObjectVersions | None:
    """What `read_object(built, options).versions()` would be, where the index knows it.

    It knows linked files as a whole, not their units, nothing of rust/exports.o, which is refused for its name, and
    nothing of rules outside the source.
    """
    if index is None or built.unit or built.file.name == "exports.o" or options.kabi:
        return None
    found = index.find(files_of(built), _how(built, options))
    return replace(found[0], path=built.path or str(built.file), module=built.module) if found else None


def keep_versions(
    index: Index | None, built: BuiltObject, versions: ObjectVersions, options: ReadOptions = PLAIN
) -> None:
    """Keep what was calculated because `find_versions` found nothing; not what rules outside the source made of it."""
    if index is not None and not options.kabi:
        index.keep(files_of(built), _how(built, options), [replace(versions, path="", module="")])


def files_of(built: BuiltObject) -> tuple[Path, ...]:
    """All whose content decides the versions."""
    return tuple(file for file in (built.file, built.types, built.exporter) if file)


def _how(built: BuiltObject, options: ReadOptions) -> str:
    """All else that decides them: what each file is for, and the options."""
    return f"object types={bool(built.types)} exporter={bool(built.exporter)} stable={options.stable}"
