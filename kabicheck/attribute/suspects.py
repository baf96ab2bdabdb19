"""Which commits to look at first: those that touched the lines of what changed, else what the object is made from.

A suspect is a guess, from lines and file names alone. Builds decide, and every verdict says what was shown.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from kabicheck.attribute.source import extent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.attribute.source import Extent
    from kabicheck.model import Location, Step

# Beyond these, halving what is left is quicker than asking one by one.
MOST_SUSPECTS = 8

_CONFIGURATION = re.compile(r"Kconfig.*|.*defconfig|.*\.config|Makefile.*|Kbuild.*")


class Origin(Protocol):
    """Who wrote or removed a line: kabicheck.vcs.blame.Origin."""

    @property
    def step(self) -> Step: ...
    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def merges(self) -> Sequence[Step]: ...


@dataclass(frozen=True, slots=True)
class Suspect:
    """A commit, of the chain or of a side of one of its merges. reason: "changed include/linux/async.h:24"."""

    commit: str
    reason: str


@dataclass(frozen=True)
class Declared:
    """A declaration on one side.

    location: of the declaration, None where it has none there; changed: the members, parameters or enumerators that
    the other side has not, or not like that; places: where debugging information says that these stand; text: a file's
    content, None where the side has no such file; follow: who wrote lines of a file (on the new side), or removed
    them (on the old one), None for a line that nobody in the range touched.
    Paths are relative to the tree; those of files outside of it are looked up in vain, and that is all.
    """

    location: Location | None
    text: Callable[[str], str | None]
    follow: Callable[[str, Collection[int]], Mapping[int, Origin | None]]
    changed: Collection[str] = ()
    places: Mapping[str, Location] = field(default_factory=dict)

    @cached_property
    def _extent(self) -> Extent | None:
        text = self.text(self.location.file) if self.location else None
        return extent(text, self.location.line) if self.location and text is not None else None

    def origin(self, name: str) -> Origin | None:
        """Who wrote or removed a member, parameter or enumerator; None where nobody in the range did."""
        found = (self.follow(file, numbers) for file, numbers in self._lines_of(name).items())
        return next((origin for lines in found for origin in lines.values() if origin), None)

    def lines_of_changed(self) -> dict[str, set[int]]:
        """File → the lines that the changed members, parameters and enumerators stand on."""
        found: dict[str, set[int]] = {}
        for name in self.changed:
            for file, numbers in self._lines_of(name).items():
                found.setdefault(file, set()).update(numbers)
        return found

    def _lines_of(self, name: str) -> dict[str, list[int]]:
        if name in self.places:
            return {self.places[name].file: [self.places[name].line]}
        if self.location and self._extent:
            return {self.location.file: self._extent.words.get(name.rpartition(".")[2], [])}
        return {}

    def lines(self) -> dict[str, set[int]]:
        """File → the lines of the whole declaration."""
        if self.location is None:
            return {}
        return {self.location.file: {self.location.line, *(self._extent.lines if self._extent else ())}}


def suspects(
    old: Declared, new: Declared, chain: Sequence[Step], depends: Collection[str]
) -> tuple[Suspect, ...]:
    """The commits that most likely changed a declaration, best first.

    old, new: it on both sides of the chain; depends: the files that the object is made from.

    First come those that touched the lines of changed members, then those that touched other lines of the
    declaration; of these, who touched more lines, then who came later. Where there are none: those that touched
    files of `depends`, the declaration's own first; then those that touched configuration or makefiles.
    """
    own = {side.location.file for side in (old, new) if side.location}
    guesses = [
        *_by_lines(old, new, chain, Declared.lines_of_changed),
        *_by_lines(old, new, chain, Declared.lines),
    ] or [
        *_by_files(chain, own.intersection(depends).__contains__),
        *_by_files(chain, frozenset(depends).__contains__),
        *_by_files(chain, _is_configuration),
    ]
    best: dict[str, Suspect] = {}
    for guess in guesses:
        best.setdefault(guess.commit, guess)
    return tuple(best.values())[:MOST_SUSPECTS]


def _by_lines(
    old: Declared,
    new: Declared,
    chain: Sequence[Step],
    lines: Callable[[Declared], Mapping[str, Collection[int]]],
) -> list[Suspect]:
    """Who touched some lines of both sides, best first."""
    places = {step.commit.id: number for number, step in enumerate(chain)}
    found: dict[str, Suspect] = {}
    rank: Counter[str] = Counter()
    place: dict[str, int] = {}
    for side, reason in ((new, "changed {0.path}:{0.line}"), (old, "removed line {0.line} of {0.path}")):
        for file, numbers in lines(side).items():
            for _, origin in sorted(side.follow(file, numbers).items()):
                if origin:
                    commit = origin.step.commit.id
                    found.setdefault(commit, Suspect(commit, reason.format(origin)))
                    rank[commit] += 1
                    place[commit] = places[(*origin.merges, origin.step)[0].commit.id]
    return sorted(found.values(), key=lambda each: (-rank[each.commit], -place[each.commit]))


def _by_files(chain: Sequence[Step], wanted: Callable[[str], bool]) -> Iterator[Suspect]:
    """Who touched some files, the newest first."""
    for step in reversed(chain):
        paths = (path for touch in step.touched for path in (touch.path, touch.old_path) if path)
        path = next(filter(wanted, paths), None)
        if path is not None:
            yield Suspect(step.commit.id, f"touches {path}")


def _is_configuration(path: str) -> bool:
    return bool(_CONFIGURATION.fullmatch(posixpath.basename(path)))
