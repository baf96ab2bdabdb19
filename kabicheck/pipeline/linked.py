"""Linked files as inputs: which ones are meant by files and folders, and what they export."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.elf.image import Image
from kabicheck.errors import NoExports, ObjectError
from kabicheck.formats.folder import walk
from kabicheck.model import BuiltObject
from kabicheck.objects.directory import read_directory
from kabicheck.pipeline.linked_surveys import reading_processes, survey_all
from kabicheck.pipeline.reading import is_object
from kabicheck.symver.survey import LinkedInput, is_linked, object_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kabicheck.model import ObjectSet
    from kabicheck.progress import Progress

LINKED_NAME = re.compile(r"(vmlinux(-.*|\.debug)?|.*\.ko(\.(gz|xz|zst|debug))?)")
UNKNOWN_LICENCES = "does not say which exports are GPL-only and in which namespace, so that is not compared"


def linked_files(folder: Path) -> list[Path]:
    """The kernels and modules below a folder, by their names. Raises FetchError.

    A link counts where it leads out of the folder, or nowhere; else what it leads to is there too.
    """
    files = [
        Path(parent, name)
        for parent, _, names in walk(folder)
        for name in names
        if LINKED_NAME.fullmatch(name)
    ]
    real = {os.path.realpath(file): file for file in sorted(files, key=Path.is_symlink, reverse=True)}
    return sorted(real.values())


def holds_objects(folder: Path) -> bool:
    """Whether there is an object file below a folder, as in a build: objects say more than what they are linked to.

    Raises FetchError.
    """
    return any(name.endswith(".o") for _, _, names in walk(folder) for name in names)


def is_linked_file(path: Path) -> bool:
    """Whether a file is a kernel or a module, also a packed one. Raises ObjectError for what is no ELF file."""
    return not is_object(path) and is_linked(Image(path))


def takes_more_than_objects(paths: Iterable[str]) -> bool:
    """Whether any of these is a folder or a linked file."""
    return any(path.is_dir() or is_linked_file(path) for path in map(Path, paths))


def objects_and_linked_files(paths: Iterable[str]) -> tuple[list[BuiltObject], list[LinkedInput]]:
    """The objects and the linked files that are meant by files and folders.

    Raises NoExports, FetchError, ObjectError.
    """
    objects: list[BuiltObject] = []
    requests: list[LinkedInput] = []
    for path in map(Path, paths):
        if not path.is_dir():
            if is_linked_file(path):
                requests.append(LinkedInput(path, str(path)))
            else:
                objects.append(BuiltObject(str(path), path, ""))
        elif holds_objects(path):
            objects += read_directory(path).objects
        else:
            below = linked_files(path)
            if not below:
                raise NoExports(path, "holds no object, no module and no vmlinux")
            requests += [LinkedInput(file, file.relative_to(path).as_posix()) for file in below]
    return objects, requests


def read_linked(path: Path, progress: Progress) -> ObjectSet:
    """All that a linked file, or those below a folder, export, as a build's objects. Raises ObjectError, NoExports."""
    _, requests = objects_and_linked_files([str(path)])
    with reading_processes(0, [request.path for request in requests]) as spread:
        outcomes = survey_all(requests, (), spread, progress)
    surveys = []
    for outcome in outcomes:
        if isinstance(outcome, ObjectError):
            raise outcome
        if outcome.exports:
            surveys.append(outcome)
    if not surveys:
        raise NoExports(path, "exports nothing")
    silent = [survey.name for survey in surveys if not survey.licences]
    notes = (f"{silent[0]} {UNKNOWN_LICENCES}",) if silent else ()
    return replace(object_set(surveys), notes=notes)
