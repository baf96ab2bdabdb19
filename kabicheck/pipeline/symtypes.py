"""Versions and causes of two sets of symtypes files.

Nothing is calculated of an export whose types are the same on both sides: its version is too. What is left to do is
in proportion to what differs, so that this needs no worker processes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.compare.causes import explain, reached_differences
from kabicheck.compare.detail import BRIEF
from kabicheck.compare.difference import ObjectDifference, compare_object, join
from kabicheck.errors import Incomparable, NoExports
from kabicheck.formats.symtypes import is_reference, read_overrides, read_symtypes
from kabicheck.model import ChangeKind, RecordedObject, WithoutPlaces
from kabicheck.symver.from_symtypes import RecordedTypes, Tool, tool_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kabicheck.compare.causes import ReachedDifferences
    from kabicheck.compare.detail import Detail
    from kabicheck.formats.consolidated import Corpus
    from kabicheck.model import Cause, Comparison, ObjectVersions


class SingleSymtypesFile:
    """A symtypes file on its own, as a `Corpus`.

    It is another version of the one on the other side whatever their names are, so that it has no path.
    """

    paths = ("",)

    def __init__(self, path: Path) -> None:
        self._types = read_symtypes(path)
        self._overrides = read_overrides(path)

    def types(self, _path: str) -> Mapping[str, str]:
        """Name → type string."""
        return self._types

    def overrides(self, _path: str) -> frozenset[str]:
        """Names whose changes do not count."""
        return self._overrides


class SymtypesSet:
    """The objects of one side by their paths, of which symtypes files are all that is known."""

    def __init__(self, root: Path, corpus: Corpus) -> None:
        """root: the file or folder that the user named, for messages."""
        self.root = root
        self._corpus = corpus
        self._files = {_object_path(path): path for path in corpus.paths}
        self.tool: Tool | None = None

    @property
    def paths(self) -> list[str]:
        """Those of the objects: lib/kobject.o for lib/kobject.symtypes, "" for a file on its own."""
        return list(self._files)

    def types(self, path: str) -> Mapping[str, str]:
        """Name → type string of an object, empty where this side has it not. Raises ObjectError."""
        return self._corpus.types(self._files[path]) if path in self._files else {}

    def get(self, path: str) -> SymtypesObject | None:
        """An object, None where this side has it not."""
        return SymtypesObject(self, path) if path in self._files else None

    def overrides(self, path: str) -> frozenset[str]:
        """Names in an object whose changes do not count. Raises ObjectError."""
        return self._corpus.overrides(self._files[path]) if path in self._files else frozenset()

    def recorded_types(self, path: str, types: Mapping[str, str]) -> RecordedTypes:
        """What gives the versions of an object's exports, from its type strings.

        Raises NoExports, and Incomparable where this side's files are of two tools.
        """
        file = self.root / self._files[path] if self.root.is_dir() else self.root
        recorded = RecordedTypes(file, path, types=types)
        if self.tool not in {None, recorded.tool}:
            raise Incomparable(f"{file} is by {recorded.tool}, others of {self.root} by {self.tool}")
        self.tool = recorded.tool
        return recorded

    def versions(self) -> Iterator[ObjectVersions]:
        """The versions of all objects that export something. Raises ObjectError, Incomparable."""
        for path in self._files:
            types = self.types(path)
            if any(not is_reference(name) for name in types):
                yield self.recorded_types(path, types).versions()


class SymtypesObject(WithoutPlaces):
    """An object of which a symtypes file is all that is known, as a DescribedObject; no such file names places."""

    is_typed = True

    def __init__(self, side: SymtypesSet, path: str) -> None:
        self._side = side
        self._path = path

    @property
    def versions(self) -> ObjectVersions:
        """Each export's version, calculated from its types. Raises NoExports, ObjectError, Incomparable."""
        return self._side.recorded_types(self._path, self.types()).versions()

    def types(self) -> Mapping[str, str]:
        """Name → type string. Raises ObjectError."""
        return self._side.types(self._path)


def is_by_genksyms(corpus: Corpus) -> bool:
    """Whether the first of these files that is not empty is genksyms'. Raises ObjectError."""
    types = next((types for path in corpus.paths if (types := corpus.types(path))), {})
    return tool_of(types) is Tool.GENKSYMS


def compare_symtypes(old: SymtypesSet, new: SymtypesSet, detail: Detail = BRIEF) -> Comparison:
    """Compare two sets of symtypes files of one tool. detail: how much to say of each cause.

    Raises Incomparable, NoExports, ObjectError.
    """
    objects = _ObjectsOfBothSides(old, new, detail)
    differences = [objects.compare(path) for path in sorted({*old.paths, *new.paths})]
    if not any(map(_exports_something, differences)):
        raise NoExports("both sides", "hold types, but no exported symbol")
    comparison = join(differences, old, new, detail=detail)
    overridden = sorted(objects.overridden)
    if not overridden:
        return comparison
    listed = f"{', '.join(overridden[:5])} ({len(overridden)} in all)"
    return replace(comparison, notes=(f"changes that {old.root} overrides do not count: {listed}",))


class _ObjectsOfBothSides:
    """Compares object after object, and knows the causes that were explained so far: most objects have the same ones.

    overridden: the names that differed, and whose changes do not count.
    """

    def __init__(self, old: SymtypesSet, new: SymtypesSet, detail: Detail) -> None:
        self._old = old
        self._new = new
        self._detail = detail
        self._causes: dict[tuple[str, str, str], Cause] = {}
        self.overridden: set[str] = set()

    def compare(self, path: str) -> ObjectDifference:
        """Compare the old and the new version of an object. Raises Incomparable, ObjectError."""
        old = self._old.types(path)
        new = self._with_overrides(path, old, self._new.types(path))
        common = [name for name in old if not is_reference(name) and name in new]
        differences = reached_differences(common, old, new)
        old_versions = _versions(self._old, path, old, new, differences.masks)
        new_versions = _versions(self._new, path, new, old, differences.masks)
        self._require_one_tool(path)
        difference = compare_object(
            RecordedObject(old_versions) if old_versions else None,
            RecordedObject(new_versions) if new_versions else None,
        )
        causes: list[Cause] = []
        changed = sorted(change.name for change in difference.changes if change.kind is ChangeKind.VERSION)
        if changed and old_versions and new_versions:
            recorded = RecordedObject(old_versions, old), RecordedObject(new_versions, new)
            causes = self._explained(changed, differences, *recorded)
        name = new_versions.path if new_versions else path
        equal = tuple(("", name, export) for export in common if export not in differences.masks)
        return replace(
            difference,
            causes={cause.key: cause for cause in causes},
            unchanged=(*difference.unchanged, *equal),
        )

    def _with_overrides(self, path: str, old: Mapping[str, str], new: Mapping[str, str]) -> Mapping[str, str]:
        """The new side with the old text of what does not count, as `genksyms --preserve` calculates its versions."""
        names = self._old.overrides(path) & old.keys() & new.keys()
        if not names:
            return new
        self.overridden |= {name for name in names if new[name] != old[name]}
        referred = {name: text for name, text in old.items() if is_reference(name)}
        return {**referred, **new, **{name: old[name] for name in names}}

    def _require_one_tool(self, path: str) -> None:
        old, new = self._old.tool, self._new.tool
        if old and new and old != new:
            raise Incomparable(
                f"{path or self._new.root}: {old} wrote the old side, {new} the new one",
                hint="compare files of one tool",
            )

    def _explained(
        self,
        changed: list[str],
        differences: ReachedDifferences,
        old: RecordedObject,
        new: RecordedObject,
    ) -> list[Cause]:
        """The causes of an object's changed exports, which are explained only where they are not known yet."""
        path, old_types, new_types = new.versions.path, old.types(), new.types()
        explained = differences.explained(changed)
        keys = {name: (name, old_types.get(name, ""), new_types.get(name, "")) for name in explained}
        if differences.unexplained(changed) or not all(key in self._causes for key in keys.values()):
            causes = list(explain(path, changed, old, new, detail=self._detail))
            for cause in causes:
                name = cause.reference
                self._causes.setdefault((name, old_types.get(name, ""), new_types.get(name, "")), cause)
            return causes
        return [
            replace(self._causes[keys[name]], exports=tuple((path, export) for export in exports))
            for name, exports in explained.items()
        ]


def _versions(
    side: SymtypesSet,
    path: str,
    types: Mapping[str, str],
    other_types: Mapping[str, str],
    reaching: Collection[str],
) -> ObjectVersions | None:
    """The versions of the exports that reach a difference or that only this side has; None where it exports nothing."""
    exports = [name for name in types if not is_reference(name)]
    if not exports:
        return None
    return side.recorded_types(path, types).versions(
        name for name in exports if name in reaching or name not in other_types
    )


def _exports_something(difference: ObjectDifference) -> bool:
    return bool(difference.changes or difference.unchanged or difference.removed or difference.added)


def _object_path(path: str) -> str:
    """lib/kobject.symtypes is what lib/kobject.o exports."""
    return PurePosixPath(path).with_suffix(".o").as_posix() if path else ""
