"""What linked files hold and which versions that gives, spread over processes: large files one part after the other."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kabicheck.errors import ObjectError
from kabicheck.objects.debugfiles import find_debug_file
from kabicheck.pipeline.reading import read_object
from kabicheck.pipeline.spread import file_size, spread_over_processes
from kabicheck.symver.linked_unit import open_linked
from kabicheck.symver.survey import image_without_types, scan, survey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kabicheck.model import BuiltObject, ObjectVersions
    from kabicheck.pipeline.read_options import ReadOptions
    from kabicheck.pipeline.spread import Spread
    from kabicheck.progress import Advance, Progress
    from kabicheck.symver.linked import Scan
    from kabicheck.symver.survey import LinkedInput, Survey

# A file of so many bytes is looked at by all processes together.
LARGE = 64 << 20
UNITS = 64  # that a process looks at in one go


def reading_processes(jobs: int, files: Iterable[Path]) -> AbstractContextManager[Spread[Any, Any]]:
    """What `survey_all` and `calculate_versions` are spread over. jobs: 0 for a process per processor."""
    return spread_over_processes(jobs, files, __name__)


def survey_all(
    requests: Sequence[LinkedInput], debug: Sequence[Path], spread: Spread[Any, Any], progress: Progress
) -> list[Survey | ObjectError]:
    """What each of some linked files holds, or why that cannot be told.

    debug: Debug files, and folders of them, for what was stripped.
    """
    sizes = {request: file_size(request.path) for request in requests}
    advance = progress.counted("looking for exports", sum(sizes.values()))
    small = [request for request in requests if sizes[request] <= LARGE]
    surveys: dict[LinkedInput, Survey | ObjectError] = {}
    for request, outcome in zip(small, spread(partial(_survey, debug), small, 4), strict=True):
        surveys[request] = outcome
        advance(sizes[request])
    for request in requests:
        if request not in surveys:
            surveys[request] = _survey_in_parts(debug, request, spread, advance)
    return [surveys[request] for request in requests]


def _survey(debug: Sequence[Path], request: LinkedInput) -> Survey | ObjectError:
    try:
        return survey(_with_debug_file(request, debug))
    except ObjectError as error:
        return error


def _survey_in_parts(
    debug: Sequence[Path], request: LinkedInput, spread: Spread[Any, Any], advance: Advance
) -> Survey | ObjectError:
    """One file, of which each process looks at some of the units."""
    try:
        request = _with_debug_file(request, debug)
        file = open_linked(request.described)
        if not file.exports or image_without_types(file.image):
            return survey(request)
        starts = range(0, len(file.units.bounds), UNITS)
        scans = []
        for part in spread(partial(_scan, request.described), starts, 1):
            scans += part
            advance(file_size(request.path) // len(starts))
        return survey(request, scans)
    except ObjectError as error:
        return error


def _with_debug_file(request: LinkedInput, debug: Sequence[Path]) -> LinkedInput:
    """What to read of a linked file, with its debug file where it was stripped."""
    image = open_linked(request.path).image
    if not image_without_types(image):
        return request
    return replace(request, debug=find_debug_file(request.path, image, debug))


def _scan(path: Path, start: int) -> list[Scan]:
    return scan(path, start, start + UNITS)


def calculate_versions(
    objects: Sequence[BuiltObject], spread: Spread[Any, Any], progress: Progress, options: ReadOptions
) -> Iterator[ObjectVersions]:
    """Each object's versions, in their order. Raises ObjectError."""
    advance = progress.counted("calculating versions", len(objects))
    for versions in spread(partial(_versions, options), objects, 8):
        advance(1)
        yield versions


def _versions(options: ReadOptions, built: BuiltObject) -> ObjectVersions:
    return read_object(built, options.old).versions()
