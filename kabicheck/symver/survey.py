"""What linked files hold: their exports, the units that these are versioned from, and what those are called."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.supplementary import link_of
from kabicheck.elf.exports import holds_export_table, holds_licences, read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import NoDebugInfo, ObjectError
from kabicheck.model import BuiltObject, Export, LinkedUnit, ObjectSet
from kabicheck.symver.linked import LinkedFile, assign
from kabicheck.symver.linked_unit import open_linked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kabicheck.symver.linked import Scan


@dataclass(frozen=True, slots=True)
class Survey:
    """One linked file.

    path: where its debug information is.
    name: what the user calls it.
    module: "vmlinux", or the module's name.
    units: (source, unit) of each unit that exports something.
    source: the source tree's folder as DWARF names it, "" where it cannot be told.
    licences: whether it is known which exports are GPL-only, and in which namespace.
    alone: whether no other file (a debug file, a supplementary one) has a say.
    """

    path: Path
    name: str
    module: str
    units: tuple[tuple[str, LinkedUnit], ...]
    source: str
    licences: bool
    alone: bool = True

    @property
    def exports(self) -> int:
        """How many there are."""
        return sum(len(unit.exports) for _, unit in self.units)


@dataclass(frozen=True, slots=True)
class LinkedInput:
    """A linked file to look at.

    path: the file.
    name: what the user calls it.
    debug: where its debug information is, None where it has that itself.
    """

    path: Path
    name: str
    debug: Path | None = None

    @property
    def described(self) -> Path:
        """The file with the debug information."""
        return self.debug or self.path


def is_linked(image: Image) -> bool:
    """Whether a file is a vmlinux or a module, and no object: a module has the kernel's record of it, or its export
    tables under their final names."""
    if not image.relocatable:
        return True
    return bool(image.section(".gnu.linkonce.this_module") or image.section("__ksymtab"))


def scan(path: Path, start: int, stop: int) -> list[Scan]:
    """What some units of a linked file say of its exports."""
    return open_linked(path).scan(start, stop)


def survey(given: LinkedInput, scans: Iterable[Scan] | None = None) -> Survey:
    """Look at one linked file. The scans of all its units may have been made already.

    A file without exports has no units. Raises ObjectError, and NoDebugInfo where there are exports and nothing says
    what they are.
    """
    file = open_linked(given.described)
    exports, licences = _exports(given, file)
    module = _module(file.image, given.path)
    if not exports:
        if holds_export_table(file.image):
            raise ObjectError(given.name, "exports something, but was stripped of its symbol table")
        return Survey(given.described, given.name, module, (), "", licences)
    if image_without_types(file.image):
        raise NoDebugInfo(
            given.name,
            "no debug information",
            hint="say with --debug-files where its debug file is, or the folder of a package with debug files",
        )
    found = list(file.scan() if scans is None else scans)
    assignment = assign(file, found)
    sources = {one.number: one for one in found}
    root = _root(found)
    units = []
    for number, unit in assignment.units.items():
        known = tuple(exports.get(export.name, export) for export in unit.exports)
        units.append((_source(sources[number], root), replace(unit, exports=known)))
    if assignment.unversioned:
        rest = tuple(exports.get(name, Export(name)) for name in assignment.unversioned)
        units.append(("", LinkedUnit(None, rest, unversioned=assignment.unversioned)))
    alone = given.debug is None and link_of(file.image) is None
    return Survey(given.described, given.name, module, tuple(units), root, licences, alone)


def image_without_types(image: Image) -> bool:
    """Whether a file was stripped of debug information."""
    section = image.debug_section("info")
    return section is None or not image.size(section)


def _exports(given: LinkedInput, file: LinkedFile) -> tuple[dict[str, Export], bool]:
    """Name → export, with the licence where one of the two files has it. Raises ObjectError where they do not match."""
    exports = {export.name: export for export in file.exports}
    licences = holds_licences(file.image)
    if given.debug is not None:
        image = Image(given.path)
        own = {export.name: export for export in read_exports(image)}
        if not own.keys() <= exports.keys():
            raise ObjectError(given.name, f"{given.debug} is not its debug file: it has other exports")
        exports |= own
        licences = holds_licences(image)
    return exports, licences


def _module(image: Image, path: Path) -> str:
    """The kernel's name of a module: as modpost wrote it, else of the file."""
    if not image.relocatable:
        return "vmlinux"
    section = image.section(".modinfo")
    for entry in image.contents(section).split(b"\0") if section else ():
        if entry.startswith(b"name="):
            return os.fsdecode(entry[5:])
    return path.name.split(".ko")[0].replace("-", "_")


def _root(scans: Sequence[Scan]) -> str:
    """The source tree: where relative names of sources are taken from, or what all absolute ones have in common."""
    compiled = [one for one in scans if one.language in dw.C_LANGUAGES]
    absolute = [posixpath.dirname(one.name) for one in compiled if one.name.startswith("/")]
    if 2 * len(absolute) > len(compiled):
        return posixpath.commonpath(absolute)
    return next((one.directory for one in compiled if one.directory), "")


def _source(one: Scan, root: str) -> str:
    """The object that a unit was: its source's name in the tree, with .o for a suffix.

    rustc calls a unit "rust/kernel/lib.rs/@/kernel.1234-cgu.0"; the crate's object is rust/kernel.o, also where its
    source is outside of the tree (library/core/src/lib.rs).
    """
    name = posixpath.normpath(one.name.partition("/@/")[0])
    for folder in (root, one.directory):
        if folder and name.startswith(folder.rstrip("/") + "/"):
            name = name[len(folder.rstrip("/")) + 1 :]
    path = PurePosixPath(name)
    if path.name == "lib.rs":
        path = path.parent if path.parent.name != "src" else PurePosixPath("rust", path.parent.parent.name)
    return str(path.with_suffix(".o")) if path.name else name


def built_objects(surveys: Iterable[Survey]) -> tuple[BuiltObject, ...]:
    """Each unit that exports something as an object, and what can have no version under the module's name."""
    units = [(one, source, unit) for one in surveys for source, unit in one.units]
    paths = unique_paths((source or one.module, one.module) for one, source, _ in units)
    return tuple(
        BuiltObject(path, one.path, one.module, unit=unit)
        for path, (one, _, unit) in zip(paths, units, strict=True)
    )


def unique_paths(units: Iterable[tuple[str, str]]) -> Iterator[str]:
    """A path of its own for each (name, module).

    Two modules may have a source in common, and one of them may have it twice.
    """
    taken: set[str] = set()
    for name, module in units:
        path, number = name, 1
        while path in taken:
            number += 1
            path = f"{name} ({module})" if number == 2 else f"{name} ({module}, {number - 1})"
        taken.add(path)
        yield path


def object_set(surveys: Sequence[Survey]) -> ObjectSet:
    """All that linked files export, as a build's objects."""
    sources = {one.source for one in surveys if one.units}
    return ObjectSet(built_objects(surveys), source=sources.pop() if len(sources) == 1 else "")
