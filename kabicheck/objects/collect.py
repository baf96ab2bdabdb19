"""Which object files a build lists, and what their `.cmd` files say of them.

An out-of-tree build folder keeps what a later commit no longer builds, so nothing here walks over `*.o`: what
counts are `built-in.a` and `lib.a` (thin archives), `modules.order` and the `.mod` files that it names. A
list itself can be left over just as well; `expire` removes all of them before a build, which makes anew those
that the commit has.
"""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.dwarf.named import named_files
from kabicheck.elf.exports import holds_exports
from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import exports_rust_symbols
from kabicheck.errors import BuildError
from kabicheck.formats.folder import walk
from kabicheck.model import BuiltObject
from kabicheck.objects.generated import Origins, listed_dependencies, lists_all
from kabicheck.objects.lists import archived, modules
from kabicheck.objects.rust_exports import defining_objects
from kabicheck.objects.within import Within

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LISTS = ("built-in.a", "lib.a", "modules.order")
STAND_IN = ".gendwarfksyms.o"

_SYMVER = re.compile(r"^#SYMVER (\S+) (0x[0-9a-f]+)$", re.MULTILINE)
_SOURCE = re.compile(r"^source_\S+ := (\S+)$", re.MULTILINE)
_TARGET = re.compile(r"(?:saved)?cmd_(\S+) := ")
_MODFILE = re.compile(r"""-DKBUILD_MODFILE=['"]+([^'"]+)""")
_MODNAME = re.compile(r"""-DKBUILD_MODNAME=['"]+([^'"]+)""")


def expire(build: Path) -> None:
    """Remove what the next make would not notice to be out of date: lists, and some assembly objects."""
    for folder, folders, files in os.walk(build):
        if Path(folder) == build:
            # Host programs; `source` is a link back into the source tree, which walk does not follow.
            folders[:] = [name for name in folders if name not in ("scripts", "tools")]
        here = set(files)
        for name in LISTS:
            if name in here:
                Path(folder, name).unlink()
        for name in files:
            if name.startswith(".") and name.endswith(".o.d"):
                _expire_assembly(build, Path(folder, name[1:-2]))
            elif name.endswith(STAND_IN) and f".{name.removesuffix(STAND_IN)}.o.d" not in here:
                Path(folder, name.removesuffix(STAND_IN) + ".o").unlink(missing_ok=True)


def _expire_assembly(build: Path, file: Path) -> None:
    """Remove an assembly object whose exports' types are older than a header that declares them.

    Kbuild compiles those declarations (`asm-prototypes.h`) for the symbol versions alone: `.X.o.cmd` does not
    list them, only the dependency file does that the compiler leaves behind, `.X.o.d`.
    """
    try:
        made = file.stat().st_mtime_ns
    except FileNotFoundError:
        return
    listed = file.with_name(f".{file.name}.d").read_text(errors="surrogateescape").partition(":")[2]
    for name in listed.replace("\\\n", " ").split():
        try:
            if (build / name).stat().st_mtime_ns <= made:
                continue
        except (OSError, ValueError):  # gone, or no name at all
            pass
        file.unlink()
        return


def listed_objects(build: Path, target: str) -> dict[str, str] | None:
    """Object path → module ("vmlinux" for what is built in) of one target; None where the build has it not.

    The target is a folder with a trailing slash ("./" for all), or an object file. The lists are right after
    `expire` and make. Raises BuildError, ObjectError for lists that cannot be believed, or that lead out of the folder.
    """
    if not target.endswith("/"):
        return {target: _module_of(build, target)} if (build / target).is_file() else None
    found: dict[str, str] = {}
    within = Within(build)
    lists = list(_lists(build, posixpath.normpath(target)))
    for path in lists:
        found |= (archived if path.endswith(".a") else modules)(build, path, within)
    return found if lists else None


def read_exporting(build: Path, source: Path | None, listed: Mapping[str, str]) -> tuple[BuiltObject, ...]:
    """Those of the listed objects that hold exports, in path order, with what their `.cmd` files say.

    Rust's exports count for the objects that define them. source: the source tree, where it is known; without one
    nothing is known of what objects depend on. Raises ObjectError, BuildError.
    """
    origins = Origins(build, source) if source else None
    found = []
    for path, module in sorted(listed.items()):
        if not holds_exports(Image(build / path)):
            continue
        if exports_rust_symbols(build / path):
            exporter = _built_object(build, origins, path, module)
            definers = defining_objects(build, path, listed)
            found += [
                _exported_by(exporter, _built_object(build, origins, definer, listed[definer]))
                for definer in definers
            ]
        else:
            found.append(_built_object(build, origins, path, module))
    return tuple(sorted(found, key=lambda built: built.path))


def _exported_by(exporter: BuiltObject, built: BuiltObject) -> BuiltObject:
    """An object whose exports are in another one, and are made from what both are made from."""
    return replace(
        built,
        exporter=exporter.file,
        depends=tuple(sorted({*built.depends, *exporter.depends})),
        complete=built.complete and exporter.complete,
    )


def read_one(build: Path, origins: Origins, path: str) -> BuiltObject:
    """An object that was made by name, with what its `.cmd` file says."""
    return _built_object(build, origins, path, _module_of(build, path))


def _lists(build: Path, folder: str) -> Iterator[str]:
    """The lists that cover a folder: its own, which include those below, and every lib.a, which none does."""
    for name in ("built-in.a", "modules.order"):
        path = posixpath.normpath(posixpath.join(folder, name))
        if (build / path).is_file():
            yield path
    for parent, folders, files in walk(build / folder):
        if Path(parent) == build:
            folders[:] = [name for name in folders if name not in ("scripts", "tools")]
        if "lib.a" in files:
            yield Path(parent, "lib.a").relative_to(build).as_posix()


def _module_of(build: Path, path: str) -> str:
    """Where an object that was asked for by name goes, from the flags that it was compiled with."""
    command = _command_file(build, path)
    if " -DMODULE " not in command:
        return "vmlinux"
    if match := _MODFILE.search(command):
        return posixpath.basename(match[1])
    # Before Linux 5.4 there is only the name in which dashes are underscores.
    stem = posixpath.basename(path).removesuffix(".o")
    match = _MODNAME.search(command)
    return match[1] if match and match[1] != stem.replace("-", "_") else stem


def _built_object(build: Path, origins: Origins | None, path: str, module: str) -> BuiltObject:
    command = _command_file(build, path)
    stand_in = build / (path.removesuffix(".o") + STAND_IN)
    # A stand-in can be left over from a commit at which the same object came from assembly.
    sources = _SOURCE.findall(command)
    assembly = not sources or sources[0].endswith(".S")
    types = stand_in if assembly and stand_in.is_file() else None
    names = [*sources, *listed_dependencies(command)]
    complete = bool(sources) and lists_all(command)
    if types:
        declarations = _left_over_dependencies(build, path)
        names += declarations
        complete = complete and bool(declarations)
    depends, known = origins.of(names) if origins else ((), False)
    if origins and sources and not depends:
        # Whatever is touched would reach it as little as a file that nothing reads: "0 changes" for could-not-look.
        raise BuildError(
            f"{path}: what it was made from is known, and no file of the source tree is among it",
            hint=f"{_command_path(build, path)} lists files of another folder than {origins.source}",
        )
    unlisted = _unlisted(origins, build / path, types, names, depends) if origins and sources else ()
    target = _TARGET.match(command)
    return BuiltObject(
        path=path,
        file=build / path,
        module=module,
        types=types,
        reference={name: int(crc, 16) for name, crc in _SYMVER.findall(command)},
        depends=tuple(sorted({*depends, *unlisted})),
        complete=complete and known and not unlisted,
        unlisted=unlisted,
        goal=target[1] if target and target[1] != path and posixpath.normpath(target[1]) == path else "",
    )


def _unlisted(
    origins: Origins, file: Path, types: Path | None, names: list[str], depends: tuple[str, ...]
) -> tuple[str, ...]:
    """The files that an object's debug information names, and the list of what it is made from does not.

    A list can be edited by whatever a build runs, and then neither make nor we would notice that such a file changes.
    Rust's debug information names files of other crates, whose lists are their own; `<stdin>` is kbuild's.
    """
    if names[0].endswith(".rs"):
        return ()
    used = set().union(*(named_files(each) for each in (file, types) if each))
    return origins.unlisted((name for name in used if not name.endswith(">")), names, depends)


def _command_file(build: Path, path: str) -> str:
    file = _command_path(build, path)
    return file.read_text(errors="surrogateescape") if file.is_file() else ""


def _command_path(build: Path, path: str) -> Path:
    folder, name = posixpath.split(path)
    return build / folder / f".{name}.cmd"


def _left_over_dependencies(build: Path, path: str) -> list[str]:
    folder, name = posixpath.split(path)
    file = build / folder / f".{name}.d"
    if not file.is_file():
        return []
    return file.read_text(errors="surrogateescape").partition(":")[2].replace("\\\n", " ").split()
