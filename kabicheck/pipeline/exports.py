"""The versions of objects and linked files one after the other: of unchanged ones what the index knows, else read."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from kabicheck.errors import ObjectError
from kabicheck.pipeline.linked_surveys import calculate_versions, survey_all
from kabicheck.pipeline.reading import find_versions, keep_versions
from kabicheck.symver.survey import Survey, built_objects, unique_paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from kabicheck.index.index import Index
    from kabicheck.model import BuiltObject, ObjectVersions
    from kabicheck.pipeline.export_summary import ExportSummary
    from kabicheck.pipeline.read_options import ReadOptions
    from kabicheck.pipeline.spread import Spread
    from kabicheck.progress import Progress
    from kabicheck.symver.survey import LinkedInput

    # The versions of all units of a file, as the index keeps them: the path of each is its source, or "".
    KnownUnits = tuple[ObjectVersions, ...]


def versions_of_objects(
    objects: Sequence[BuiltObject],
    options: ReadOptions,
    spread: Spread[Any, Any],
    progress: Progress,
    *,
    index: Index | None,
) -> Iterator[ObjectVersions]:
    """Each object's versions. Raises ObjectError."""
    known = [find_versions(index, built, options.old) for built in objects]
    unknown = [built for built, versions in zip(objects, known, strict=True) if versions is None]
    calculated = calculate_versions(unknown, spread, progress, options)
    for built, known_versions in zip(objects, known, strict=True):
        versions = known_versions or next(calculated)
        if known_versions is None:
            keep_versions(index, built, versions, options.old)
        yield versions


def versions_of_linked_files(
    requests: Sequence[LinkedInput],
    options: ReadOptions,
    spread: Spread[Any, Any],
    progress: Progress,
    *,
    debug: Sequence[Path],
    summary: ExportSummary,
    index: Index | None,
) -> Iterator[ObjectVersions]:
    """The versions of each unit of linked files.

    debug: Debug files, and folders of them, for what was stripped.
    summary: Is told of the files, those that cannot be read included.
    Raises ObjectError, and Unsupported where kABI rules are to be obeyed.
    """
    index = None if options.stable else index
    contents = _contents(requests, debug, spread, progress, index)
    for content in contents:
        summary.count_file(content)
    surveys = [content for content in contents if isinstance(content, Survey)]
    calculated = calculate_versions(built_objects(surveys), spread, progress, options)
    paths = unique_paths(chain.from_iterable(map(_unit_names, contents)))
    for request, content in zip(requests, contents, strict=True):
        if isinstance(content, ObjectError):
            continue
        units = _calculated(request, content, calculated, index) if isinstance(content, Survey) else content
        for versions in units:
            yield replace(versions, path=next(paths))


def _contents(
    requests: Sequence[LinkedInput],
    debug: Sequence[Path],
    spread: Spread[Any, Any],
    progress: Progress,
    index: Index | None,
) -> list[KnownUnits | Survey | ObjectError]:
    """What the index knows of each file, else what it holds, or why that cannot be told."""
    known = [None if index is None else index.find((request.path,), _how(request)) for request in requests]
    unknown = [request for request, units in zip(requests, known, strict=True) if units is None]
    surveys = iter(survey_all(unknown, debug, spread, progress))
    return [next(surveys) if units is None else units for units in known]


def _calculated(
    request: LinkedInput, survey: Survey, calculated: Iterator[ObjectVersions], index: Index | None
) -> Iterator[ObjectVersions]:
    """The versions of a file's units, each with its source for a path. The index keeps them if all could be read."""
    units = []
    complete = survey.alone
    for source, unit in survey.units:
        versions = replace(next(calculated), path=source)
        # What has no toolchain could not be read, and next time it may be.
        complete &= unit.number is None or versions.toolchain is not None
        units.append(versions)
        yield versions
    if index is not None and complete:
        index.keep((request.path,), _how(request), units)


def _unit_names(content: KnownUnits | Survey | ObjectError) -> Iterator[tuple[str, str]]:
    """What each unit of a file is called, and its module."""
    if isinstance(content, Survey):
        yield from ((source or content.module, content.module) for source, _ in content.units)
    elif not isinstance(content, ObjectError):
        yield from ((versions.path or versions.module, versions.module) for versions in content)


def _how(request: LinkedInput) -> str:
    """What decides versions beside a file's content: a module that does not say its name has that of its file."""
    return f"linked {request.path.name}"
