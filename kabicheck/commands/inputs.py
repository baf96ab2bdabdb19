"""What can be compared on disk, recognised by its content."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.builds import BuildComparison, compare_builds
from kabicheck.compare.diff import compare_object, join
from kabicheck.errors import NoExports, ObjectError, UsageError
from kabicheck.formats.symtypes import SUFFIX
from kabicheck.formats.symvers import read_symvers
from kabicheck.model import BuiltObject, ObjectSet
from kabicheck.objects.directory import read_directory

if TYPE_CHECKING:
    from kabicheck.formats.kabi import KabiRule
    from kabicheck.index.index import Index
    from kabicheck.model import ObjectVersions


class Kind(StrEnum):
    """What an input is, in words for an error message."""

    OBJECT = "an object file"
    OBJECTS = "a folder of object files"
    SYMTYPES = "a symtypes file"
    SYMTYPES_FOLDER = "a folder of symtypes files"
    SYMVERS = "a Module.symvers"


@dataclass(frozen=True, slots=True)
class Input:
    """One side. objects: what to read types from; versions: what is known without types, by module."""

    kind: Kind
    objects: ObjectSet = field(default_factory=lambda: ObjectSet(()))
    versions: tuple[ObjectVersions, ...] = ()

    @property
    def count(self) -> int:
        """Objects that are compared, 0 where they are not known."""
        return len(self.objects.objects)


def read_input(path: Path) -> Input:
    """Recognise one side. Raises ObjectError, NoExports, FetchError."""
    if path.is_dir():
        return _read_folder(path)
    head = _head(path)
    if head.startswith(b"\x7fELF"):
        return Input(Kind.OBJECT, _single(path, "vmlinux"))
    if head.startswith(b"0x"):
        versions = tuple(read_symvers(path))
        if not versions:
            raise NoExports(path, "lists no export")
        return Input(Kind.SYMVERS, versions=versions)
    if path.suffix == SUFFIX:
        return Input(Kind.SYMTYPES, _single(path, ""))
    raise ObjectError(
        path,
        "neither an object file nor a Module.symvers",
        hint=f"symtypes files are recognised by their suffix, {SUFFIX}",
    )


def compare_inputs(
    old: Input,
    new: Input,
    jobs: int = 0,
    index: Index | None = None,
    *,
    stable: bool = False,
    kabi: tuple[KabiRule, ...] = (),
) -> BuildComparison:
    """Compare two inputs of the same kind. index, stable, kabi: as `compare_builds` has them. Raises UsageError."""
    if old.kind is not Kind.SYMVERS:
        result = compare_builds(old.objects, new.objects, jobs, stable=stable, kabi=kabi, index=index)
        return replace(
            result, notes=(*dict.fromkeys((*old.objects.notes, *new.objects.notes)), *result.notes)
        )
    if kabi:
        raise UsageError(
            "kABI rules can only be applied to object files, and Module.symvers holds versions only"
        )
    before = {side.module: side for side in old.versions}
    after = {side.module: side for side in new.versions}
    modules = sorted(before.keys() | after.keys())
    comparison = join(compare_object(before.get(name), after.get(name)) for name in modules)
    return BuildComparison(
        comparison, ("Module.symvers holds versions only, so nothing can be said about why they changed",)
    )


def _read_folder(path: Path) -> Input:
    files = sorted(Path(parent, name) for parent, _, names in os.walk(path) for name in names)
    recorded = [file for file in files if file.suffix == SUFFIX]
    if recorded and not any(file.suffix == ".o" for file in files):
        return Input(Kind.SYMTYPES_FOLDER, _recorded(path, recorded))
    return Input(Kind.OBJECTS, read_directory(path))


def _recorded(root: Path, files: list[Path]) -> ObjectSet:
    """Symtypes files as the objects that they were written for: lib/kobject.symtypes is lib/kobject.o."""
    return ObjectSet(
        tuple(BuiltObject(file.relative_to(root).with_suffix(".o").as_posix(), file, "") for file in files)
    )


def _single(path: Path, module: str) -> ObjectSet:
    """One file, which is another version of the one on the other side whatever their names are."""
    return ObjectSet((BuiltObject("", path, module),))


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(4)
    except OSError as error:
        raise ObjectError(path, f"cannot be read: {error.strerror}") from error
