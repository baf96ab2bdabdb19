"""One file against a whole build: what of the build the file is compared with.

A file that holds one object says nothing of the others, so that these are left out, with a note. It is that object of
the build which exports the same symbols; of several that do, none can be told.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.errors import NoExports, UsageError
from kabicheck.pipeline.exported_names import exported, exported_by
from kabicheck.pipeline.symtypes import SymtypesSet
from kabicheck.plain_text import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.pipeline.inputs import Input


def exports_of(single: Input) -> frozenset[str]:
    """What a file exports that holds one object. Raises ObjectError, NoExports."""
    if single.symtypes:
        [path] = single.symtypes.paths
        names = exported(single.symtypes.types(path))
    else:
        [built] = single.objects.objects
        names = exported_by(built)
    if not names:
        raise NoExports("the file", "exports nothing")
    return names


def excerpt(whole: Input, exports: frozenset[str]) -> tuple[Input, str]:
    """The part of a build that exports some symbols, and a sentence on what is left out.

    Raises UsageError, ObjectError.
    """
    if whole.listed:
        return _of_list(whole, exports)
    if whole.symtypes:
        return _of_symtypes(whole, whole.symtypes, exports)
    return _of_objects(whole, exports)


def _of_list(whole: Input, exports: frozenset[str]) -> tuple[Input, str]:
    parts = (module.only(exports) for module in whole.listed)
    kept = tuple(part for part in parts if part.exports)
    if not kept:
        raise _nothing_in_common()
    left_out = sum(len(module.exports) for module in whole.listed) - sum(len(part.exports) for part in kept)
    note = f"{counted(left_out, 'export')} of the whole list were left out: the other side is one object"
    return replace(whole, listed=kept), note if left_out else ""


def _of_symtypes(whole: Input, symtypes: SymtypesSet, exports: frozenset[str]) -> tuple[Input, str]:
    names = {path: exported(symtypes.types(path)) for path in symtypes.paths}
    path = _nearest(names, exports)
    alone = SymtypesSet(symtypes.root, _ObjectAlone(symtypes, path))
    return replace(whole, symtypes=alone), _others(len(names) - 1, path)


def _of_objects(whole: Input, exports: frozenset[str]) -> tuple[Input, str]:
    by_path = {built.path: built for built in whole.objects.objects}
    path = _nearest({path: exported_by(built) for path, built in by_path.items()}, exports)
    alone = replace(whole.objects, objects=(replace(by_path[path], path=""),))
    return replace(whole, objects=alone), _others(len(by_path) - 1, path)


def _nearest(names: Mapping[str, frozenset[str]], exports: frozenset[str]) -> str:
    """The object that exports most of some symbols; UsageError where none or no single one does.

    names: path of an object → what it exports.
    """
    shared = {path: len(exports & of_object) for path, of_object in names.items()}
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


def _nothing_in_common() -> UsageError:
    return UsageError(
        "the two sides export nothing in common", hint="give two files of one object, or two builds"
    )


def _others(number: int, path: str) -> str:
    """A sentence on the objects that are left out, "" for none."""
    if not number:
        return ""
    return f"compared with {path}; {counted(number, 'other object')} of that side were left out"


class _ObjectAlone:
    """One object of a whole side, as a `Corpus` of its own: another version of the other side's only object."""

    paths = ("",)

    def __init__(self, whole: SymtypesSet, path: str) -> None:
        self._whole = whole
        self._path = path

    def types(self, _path: str) -> Mapping[str, str]:
        """Name → type string."""
        return self._whole.types(self._path)

    def overrides(self, _path: str) -> frozenset[str]:
        """Names whose changes do not count."""
        return self._whole.overrides(self._path)
