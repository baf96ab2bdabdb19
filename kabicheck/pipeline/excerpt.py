"""One file against a whole build: what of the build the file is compared with.

A file that holds one object says nothing of the others, so that these are left out, with a note. It is that object of
the build which exports the same symbols; of several that do, none can be told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.difference import restricted
from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import NoExports, UsageError
from kabicheck.formats.symtypes import is_reference
from kabicheck.pipeline.symtypes import Recorded
from kabicheck.plain_text import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.model import BuiltObject
    from kabicheck.pipeline.inputs import Input


def exports_of(single: Input) -> frozenset[str]:
    """What a file exports that holds one object. Raises ObjectError, NoExports."""
    if single.recorded:
        (path,) = single.recorded.paths
        found = frozenset(name for name in single.recorded.types(path) if not is_reference(name))
    else:
        found = frozenset(name for built in single.objects.objects for name in _exports(built))
    if not found:
        raise NoExports("the file", "exports nothing")
    return found


def excerpt(whole: Input, exports: frozenset[str]) -> tuple[Input, str]:
    """The part of a build that exports some symbols, and a sentence on what is left out.

    Raises UsageError, ObjectError.
    """
    if whole.versions:
        parts = (restricted(side, exports) for side in whole.versions)
        kept = tuple(part for part in parts if part and part.exports)
        if not kept:
            raise _nothing_in_common()
        left = sum(len(side.exports) for side in whole.versions) - sum(len(part.exports) for part in kept)
        note = f"{counted(left, 'export')} of the whole list were left out: the other side is one object"
        return replace(whole, versions=kept), note if left else ""
    if whole.recorded:
        recorded = whole.recorded
        names = {path: _symbols(recorded.types(path)) for path in recorded.paths}
        path = _only(names, exports)
        alone = Recorded(recorded.root, _OnePart(recorded, path))
        return replace(whole, recorded=alone), _others(len(names) - 1, path)
    objects = whole.objects
    by_path = {built.path: built for built in objects.objects}
    path = _only({path: _exports(built) for path, built in by_path.items()}, exports)
    one = replace(objects, objects=(replace(by_path[path], path=""),))
    return replace(whole, objects=one), _others(len(by_path) - 1, path)


def _nothing_in_common() -> UsageError:
    return UsageError(
        "the two sides export nothing in common", hint="give two files of one object, or two builds"
    )


def _others(number: int, path: str) -> str:
    return (
        f"compared with {path}; {counted(number, 'other object')} of that side were left out"
        if number
        else ""
    )


def _only(names: Mapping[str, frozenset[str]], exports: frozenset[str]) -> str:
    """The object that exports most of some symbols; UsageError where none or no single one does."""
    shared = {path: len(exports & found) for path, found in names.items()}
    most = max(shared.values(), default=0)
    paths = sorted(path for path, number in shared.items() if number == most)
    if not most:
        raise _nothing_in_common()
    if len(paths) > 1:
        raise UsageError(
            f"which object the file belongs to cannot be told: {', '.join(paths[:3])} export the same",
            hint="give two files, or two builds",
        )
    return paths[0]


def _symbols(types: Iterable[str]) -> frozenset[str]:
    return frozenset(name for name in types if not is_reference(name))


def _exports(built: BuiltObject) -> frozenset[str]:
    found = built.unit.exports if built.unit else read_exports(Image(built.exporter or built.file))
    return frozenset(export.name for export in found)


class _OnePart:
    """One object of a whole corpus, as if it were a file of its own (`Corpus`)."""

    paths = ("",)

    def __init__(self, whole: Recorded, path: str) -> None:
        self._whole = whole
        self._path = path

    def types(self, _path: str) -> Mapping[str, str]:
        """Name → type string."""
        return self._whole.types(self._path)

    def overrides(self, _path: str) -> frozenset[str]:
        """Names whose changes do not count."""
        return self._whole.overrides(self._path)
