"""The versions of objects and linked files one after the other: of unchanged ones what the index knows, else read."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from kabicheck.pipeline.linked import look_at, versions_of
from kabicheck.pipeline.reading import find_versions, keep_versions
from kabicheck.symver.survey import Survey, built_objects, unique_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kabicheck.index.index import Index
    from kabicheck.model import BuiltObject, ObjectVersions
    from kabicheck.pipeline.linked import Map, Summary
    from kabicheck.progress import Progress

    File = tuple[Path, str]  # and what the user calls it
    Known = tuple[
        ObjectVersions, ...
    ]  # of a whole file; the path of each is its source, "" where there is none


def of_objects(
    objects: Sequence[BuiltObject],
    spread: Map[BuiltObject, ObjectVersions],
    progress: Progress,
    *,
    index: Index | None,
    stable: bool,
) -> Iterator[ObjectVersions]:
    """Each object's versions. Raises ObjectError."""
    known = [find_versions(index, built, stable=stable) for built in objects]
    unknown = [built for built, found in zip(objects, known, strict=True) if found is None]
    calculated = versions_of(unknown, spread, progress, stable=stable)
    for built, found in zip(objects, known, strict=True):
        versions = found or next(calculated)
        if found is None:
            keep_versions(index, built, versions, stable=stable)
        yield versions


def of_files(
    files: Sequence[File],
    debug: Sequence[Path],
    spread: Map[BuiltObject, ObjectVersions],
    progress: Progress,
    summary: Summary,
    *,
    index: Index | None,
    stable: bool,
) -> Iterator[ObjectVersions]:
    """The versions of each unit of linked files. summary: is told of the files, those that cannot be read included.

    Raises Unsupported with `stable`.
    """
    index = None if stable else index
    known = [_find(index, file) for file in files]
    unknown = [file for file, found in zip(files, known, strict=True) if found is None]
    looked_at = look_at(unknown, debug, spread, progress)
    read = iter([(*summary.add([one]), None)[0] for one in looked_at])  # None where it could not be read
    surveys = [next(read) if found is None else None for found in known]
    calculated = versions_of(built_objects(filter(None, surveys)), spread, progress, stable=stable)
    paths = unique_paths(chain.from_iterable(map(_names, known, surveys)))
    for file, found, survey in zip(files, known, surveys, strict=True):
        if found is not None:
            summary.add_known(found)
            for versions in found:
                yield replace(versions, path=next(paths))
        elif survey is not None:
            kept, complete = [], True
            for source, unit in survey.units:
                versions = replace(next(calculated), path=next(paths))
                kept.append(replace(versions, path=source))
                # else it could not be read, and next time it may be
                complete &= unit.number is None or versions.toolchain is not None
                yield versions
            if index is not None and complete and survey.alone:
                index.keep((file[0],), _how(file), kept)


def _names(known: Known | None, survey: Survey | None) -> Iterator[tuple[str, str]]:
    """What each unit is called, and its module."""
    for versions in known or ():
        yield versions.path or versions.module, versions.module
    if survey is not None:
        yield from ((source or survey.module, survey.module) for source, _ in survey.units)


def _find(index: Index | None, file: File) -> Known | None:
    return index.find((file[0],), _how(file)) if index is not None else None


def _how(file: File) -> str:
    """A module that does not say its name has that of its file."""
    return f"linked {file[0].name}"
