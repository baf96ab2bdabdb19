"""The versions of objects and linked files one after the other: of unchanged ones what the index knows, else read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.commands.linked import look_at, versions_of
from kabicheck.commands.reading import find_versions, keep_versions
from kabicheck.symver.survey import Survey, built_objects, unique_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kabicheck.commands.linked import Map, Start, Summary
    from kabicheck.index.index import Index
    from kabicheck.model import BuiltObject, ObjectVersions

    File = tuple[Path, str]  # and what the user calls it
    Known = tuple[
        ObjectVersions, ...
    ]  # of a whole file; the path of each is its source, "" where there is none


def of_objects(
    objects: Sequence[BuiltObject],
    spread: Map[BuiltObject, ObjectVersions],
    start: Start,
    *,
    index: Index | None,
    stable: bool,
) -> Iterator[ObjectVersions]:
    """Each object's versions. Raises ObjectError."""
    known = [find_versions(index, built, stable=stable) for built in objects]
    unknown = [built for built, found in zip(objects, known, strict=True) if found is None]
    calculated = versions_of(unknown, spread, start, stable=stable)
    for built, found in zip(objects, known, strict=True):
        versions = found or next(calculated)
        if found is None:
            keep_versions(index, built, versions, stable=stable)
        yield versions


def of_files(
    files: Sequence[File],
    debug: Sequence[Path],
    spread: Map[BuiltObject, ObjectVersions],
    start: Start,
    summary: Summary,
    *,
    index: Index | None,
    stable: bool,
) -> Iterator[ObjectVersions]:
    """The versions of each unit of linked files. summary: is told of the files, those that cannot be read included.

    Raises Unsupported with `stable`.
    """
    index = None if stable else index
    known = {file: found for file in files if (found := _find(index, file)) is not None}
    unknown = [file for file in files if file not in known]
    looked_at = zip(unknown, look_at(unknown, debug, spread, start), strict=True)
    surveys = {file: one for file, given in looked_at for one in summary.add([given])}
    calculated = versions_of(built_objects(surveys.values()), spread, start, stable=stable)
    paths = unique_paths(name for file in files for name in _names(known.get(file), surveys.get(file)))
    for file in files:
        if file in known:
            summary.add_known(known[file])
            for versions in known[file]:
                yield replace(versions, path=next(paths))
        elif file in surveys:
            kept = []
            for source, _ in surveys[file].units:
                versions = replace(next(calculated), path=next(paths))
                kept.append(replace(versions, path=source))
                yield versions
            if index is not None and surveys[file].path == file[0]:  # and no debug file has a say
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
