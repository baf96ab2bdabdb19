"""What can be compared on disk, recognised by its content."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kabicheck.errors import NoExports, ObjectError
from kabicheck.formats.bounded import read_head
from kabicheck.formats.consolidated import SymtypesFolder, read_consolidated
from kabicheck.formats.symtypes import REFERENCE_SUFFIX, SUFFIX
from kabicheck.formats.symvers import FIRST_LINE, is_symvers, read_symvers
from kabicheck.model import BuiltObject, ObjectSet
from kabicheck.objects.directory import read_directory
from kabicheck.packed import plain_name
from kabicheck.pipeline.linked import holds_objects, is_linked_file, linked_files, read_linked
from kabicheck.pipeline.shipped import NOTHING_SAID, ShippedBuild, read_shipped_build
from kabicheck.pipeline.symtypes import SingleSymtypesFile, SymtypesSet, is_by_genksyms
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import ObjectVersions
    from kabicheck.progress import Progress


class InputKind(StrEnum):
    """What an input is, in words for an error message."""

    OBJECT = "an object file"
    OBJECTS = "a folder of object files"
    LINKED = "a vmlinux, a module, or a folder of them"
    SYMTYPES = "a symtypes file"
    SYMTYPES_FOLDER = "a folder of symtypes files"
    CONSOLIDATED = "a consolidated symtypes file"
    SYMVERS = "a Module.symvers"
    KABI = "a Module.kabi"

    @property
    def of_one_object(self) -> bool:
        """Whether it holds one object; the others are of a whole build."""
        return self in {InputKind.OBJECT, InputKind.SYMTYPES}


# Red Hat's list of stable exports with their versions: Module.kabi_x86_64 and the like.
MODULE_KABI = "Module.kabi"


@dataclass(frozen=True, slots=True)
class Input:
    """One side: objects, symtypes files or a list of versions.

    kind: What it was recognised as.
    objects: The object files, or the units of linked files; none where the side is something else.
    symtypes: What symtypes files hold, None where the side is something else.
    listed: What Module.symvers or Module.kabi lists, module by module; empty where the side is something else.
    shipped: What a build folder says of what it ships.
    """

    kind: InputKind
    objects: ObjectSet = field(default_factory=lambda: ObjectSet(()))
    symtypes: SymtypesSet | None = None
    listed: tuple[ObjectVersions, ...] = ()
    shipped: ShippedBuild = NOTHING_SAID

    @property
    def count(self) -> int:
        """Objects that are compared, 0 where they are not known."""
        return len(self.symtypes.paths if self.symtypes else self.objects.objects)


def read_input(path: Path, progress: Progress = SILENT) -> Input:
    """Recognise one side. progress: is told of linked files, which are read whole.

    Raises ObjectError, NoExports, FetchError.
    """
    if path.is_dir():
        return _read_folder(path, progress)
    head = _head(path)
    if head.startswith(_ELF):
        if is_linked_file(path):
            return Input(InputKind.LINKED, read_linked(path, progress))
        # One file is another version of the one on the other side whatever their names are, so that it has no path.
        return Input(InputKind.OBJECT, ObjectSet((BuiltObject("", path, "vmlinux"),)))
    if is_symvers(head[:FIRST_LINE].decode("latin-1")):
        return _read_list(path)
    if head.startswith(b"/* ") or b"\nF#" in head:
        return Input(InputKind.CONSOLIDATED, symtypes=SymtypesSet(path, read_consolidated(path)))
    if plain_name(path.name).endswith((SUFFIX, REFERENCE_SUFFIX)):
        return Input(InputKind.SYMTYPES, symtypes=SymtypesSet(path, SingleSymtypesFile(path)))
    raise ObjectError(
        path,
        "neither an object file, nor a consolidated symtypes file, nor a Module.symvers",
        hint=f"symtypes files are recognised by their suffix, {SUFFIX}",
    )


def _read_folder(path: Path, progress: Progress) -> Input:
    corpus, shipped = SymtypesFolder(path), read_shipped_build(path)
    # Where the modules' versions are genksyms', its files say more of them than debug information does.
    if corpus.paths and (not holds_objects(path) or (shipped.genksyms and is_by_genksyms(corpus))):
        return Input(InputKind.SYMTYPES_FOLDER, symtypes=SymtypesSet(path, corpus), shipped=shipped)
    if linked_files(path) and not holds_objects(path):
        return Input(InputKind.LINKED, read_linked(path, progress))
    return Input(InputKind.OBJECTS, read_directory(path), shipped=shipped)


def _read_list(path: Path) -> Input:
    listed = tuple(read_symvers(path))
    if not listed:
        raise NoExports(path, "lists no export")
    kind = InputKind.KABI if path.name.startswith(MODULE_KABI) else InputKind.SYMVERS
    return Input(kind, listed=listed)


_ELF = b"\x7fELF"

# Where the files of a consolidated file of the older format begin is not known; real ones are found by this much.
_HEAD = 64 << 20


def _head(path: Path) -> bytes:
    """As much of a file's beginning as is needed to recognise it."""
    if path.exists() and not path.is_file():  # a pipe would be waited for, and could not be read twice
        raise ObjectError(path, "not a regular file")
    head = read_head(path, len(_ELF))
    return head if head == _ELF else read_head(path, _HEAD)
