"""Versions and causes of two sets of symtypes files.

Nothing is calculated of an export whose types are the same on both sides: its version is too. What is left to do is
in proportion to what differs, so that this needs no worker processes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kabicheck.compare.causes import BRIEF, explain
from kabicheck.compare.difference import ObjectDifference, compare_object, join
from kabicheck.compare.reach import reached
from kabicheck.errors import Incomparable, NoExports
from kabicheck.formats.symtypes import is_reference, read_overrides, read_symtypes
from kabicheck.model import ChangeKind
from kabicheck.symver.from_symtypes import RecordedTypes, Tool, tool_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kabicheck.compare.causes import Detail
    from kabicheck.formats.consolidated import Corpus
    from kabicheck.model import Cause, Comparison, ObjectVersions


class OneFile:
    """A single symtypes file, which is another version of the one on the other side whatever their names are."""

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


class Recorded:
    """One side: its objects by their paths, without those that export nothing. Raises NoExports, ObjectError.

    root: what the user gave, for messages.
    """

    def __init__(self, root: Path, corpus: Corpus) -> None:
        self.root = root
        self._corpus = corpus
        self._files = {_object_path(path): path for path in corpus.paths}
        self.tool: Tool | None = None

    @property
    def paths(self) -> list[str]:
        return list(self._files)

    def types(self, path: str) -> Mapping[str, str]:
        """Name → type string of an object, empty where this side has it not."""
        return self._corpus.types(self._files[path]) if path in self._files else {}

    def overrides(self, path: str) -> frozenset[str]:
        """Names in an object whose changes do not count."""
        return self._corpus.overrides(self._files[path]) if path in self._files else frozenset()

    def recorded(self, path: str, types: Mapping[str, str]) -> RecordedTypes:
        """What gives the versions. Raises Incomparable where this side's files are of two tools."""
        file = self.root / self._files[path] if self.root.is_dir() else self.root
        recorded = RecordedTypes(file, path, types=types)
        if self.tool not in {None, recorded.tool}:
            raise Incomparable(f"{file} is by {recorded.tool}, others of {self.root} by {self.tool}")
        self.tool = recorded.tool
        return recorded

    def versions(self) -> Iterator[ObjectVersions]:
        """The versions of all objects that export something."""
        for path in self._files:
            types = self.types(path)
            if any(not is_reference(name) for name in types):
                yield self.recorded(path, types).versions()


def is_by_genksyms(corpus: Corpus) -> bool:
    """Whether the first of these files that is not empty is genksyms'. Raises ObjectError."""
    types = next((types for path in corpus.paths if (types := corpus.types(path))), {})
    return tool_of(types) is Tool.GENKSYMS


def compare_recorded(old: Recorded, new: Recorded, detail: Detail = BRIEF) -> Comparison:
    """Compare two sets of symtypes files of one tool. detail: how much to say of each cause.

    Raises Incomparable, NoExports, ObjectError.
    """
    sides = _Sides(old, new, detail)
    differences = [sides.compare(path) for path in sorted({*old.paths, *new.paths})]
    if not any(map(_exported, differences)):
        raise NoExports("both sides", "hold types, but no exported symbol")
    kept = sorted(sides.preserved)
    notes = (f"changes that {old.root} overrides do not count: {', '.join(kept[:5])} ({len(kept)} in all)",)
    return replace(join(differences, old.types, new.types, detail), notes=notes if kept else ())


class _Sides:
    """Both sides, and the causes that were explained so far: most objects have the same ones."""

    def __init__(self, old: Recorded, new: Recorded, detail: Detail) -> None:
        self._old = old
        self._new = new
        self._detail = detail
        self._causes: dict[tuple[str, str, str], Cause] = {}
        self.preserved: set[str] = set()

    def compare(self, path: str) -> ObjectDifference:
        """Compare an object with its former self."""
        before, after = self._old.types(path), self._new.types(path)
        overridden = self._old.overrides(path) & before.keys() & after.keys()
        if overridden:
            self.preserved |= {name for name in overridden if after[name] != before[name]}
            after = _preserved(before, after, overridden)
        common = [name for name in before if not is_reference(name) and name in after]
        names, masks = _touched(common, before, after)
        was = _versions(self._old, path, before, after, masks)
        became = _versions(self._new, path, after, before, masks)
        if self._old.tool and self._new.tool and self._old.tool != self._new.tool:
            raise Incomparable(
                f"{path or self._new.root}: {self._old.tool} wrote the old side, {self._new.tool} the new one",
                hint="compare files of one tool",
            )
        difference = compare_object(was, became)
        name = became.path if became else path
        untouched = tuple(("", name, export) for export in common if export not in masks)
        changed = {change.name for change in difference.changes if change.kind is ChangeKind.VERSION}
        masks = {export: mask for export, mask in masks.items() if export in changed}
        causes = self._explained(name, names, masks, before, after)
        return replace(
            difference,
            causes={cause.key: cause for cause in causes},
            unchanged=(*difference.unchanged, *untouched),
        )

    def _explained(
        self,
        path: str,
        names: list[str],
        masks: Mapping[str, int],
        before: Mapping[str, str],
        after: Mapping[str, str],
    ) -> list[Cause]:
        """The causes that an object shows: `names` that the masks of its changed exports have."""
        together = 0
        for mask in masks.values():
            together |= mask
        found = {
            name: (place, (name, before.get(name, ""), after.get(name, "")))
            for place, name in enumerate(names)
            if together >> place & 1
        }
        if not all(masks.values()) or not all(key in self._causes for _, key in found.values()):
            causes = list(explain(path, sorted(masks), before, after, detail=self._detail))
            for cause in causes:
                name = cause.reference
                self._causes.setdefault((name, before.get(name, ""), after.get(name, "")), cause)
            return causes
        return [
            replace(
                self._causes[key],
                exports=tuple((path, export) for export, mask in masks.items() if mask >> place & 1),
            )
            for place, key in found.values()
        ]


def _preserved(old: Mapping[str, str], new: Mapping[str, str], names: Collection[str]) -> dict[str, str]:
    """The new side with the old text of some names, as `genksyms --preserve` calculates its versions."""
    referred = {name: text for name, text in old.items() if is_reference(name)}
    return {**referred, **new, **{name: old[name] for name in names}}


def _touched(
    exports: list[str], old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[list[str], dict[str, int]]:
    """The names whose text is not the same on both sides, and the exports that reach one.

    Their masks have a bit, by its place in the list, for each name that they reach on both sides.
    """
    names = [name for name, text in old.items() if new.get(name) != text]
    names += [name for name in new if name not in old]
    if not names:
        return [], {}
    bits = {name: 1 << place for place, name in enumerate(names)}
    masks, new_masks = reached(exports, old, bits), reached(exports, new, bits)
    return names, {e: masks[e] & new_masks[e] for e in exports if masks[e] | new_masks[e]}


def _versions(
    side: Recorded, path: str, types: Mapping[str, str], others: Mapping[str, str], touched: Collection[str]
) -> ObjectVersions | None:
    """The versions of the exports that differ or that only this side has; None where it exports nothing."""
    exports = [name for name in types if not is_reference(name)]
    if not exports:
        return None
    return side.recorded(path, types).versions(
        name for name in exports if name in touched or name not in others
    )


def _exported(difference: ObjectDifference) -> bool:
    return bool(difference.changes or difference.unchanged or difference.removed or difference.added)


def _object_path(path: str) -> str:
    """lib/kobject.symtypes is what lib/kobject.o exports."""
    return PurePosixPath(path).with_suffix(".o").as_posix() if path else ""
