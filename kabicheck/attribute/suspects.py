"""Which commits to look at first: those that touched the lines of what changed, else what the object is made from.

A suspect is a guess, from lines and file names alone. Builds decide, and every verdict says what was shown.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from kabicheck.attribute.source import extent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.attribute.source import Extent
    from kabicheck.model import Location, Step

# Beyond these, halving what remains is quicker than asking one by one.
MOST_SUSPECTS = 8

_CONFIGURATION = re.compile(r"Kconfig.*|.*defconfig|.*\.config|Makefile.*|Kbuild.*")


class Origin(Protocol):
    """Who wrote or removed a line, as `kabicheck.vcs.blame.Origin` says it."""

    @property
    def step(self) -> Step: ...
    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def merges(self) -> Sequence[Step]: ...


class SideSource(Protocol):
    """The source files of one side of a chain. Paths are relative to the tree, and others are looked up in vain."""

    def text(self, path: str) -> str | None:
        """A file's content, None where the side has no such file that can be read."""
        ...

    def origins(self, path: str, lines: Collection[int]) -> Mapping[int, Origin | None]:
        """Who wrote lines of a file (on the new side), or removed them (on the old one).

        It is None for a line that nobody in the range touched.
        """
        ...


@dataclass(frozen=True, slots=True)
class Suspect:
    """Who may have changed a declaration.

    commit: The id of a commit of the chain, or of a side of one of its merges.
    reason: What makes it a suspect, as "changed include/linux/async.h:24".
    """

    commit: str
    reason: str


class DeclarationSide:
    """A declaration on one side of a chain, found in the source of that side."""

    def __init__(
        self,
        source: SideSource,
        location: Location | None,
        changed: Collection[str] = (),
        places: Mapping[str, Location] | None = None,
    ) -> None:
        """What is known of the declaration on this side.

        location: Where it is declared, None where this side has no such declaration.
        changed: The members, parameters or enumerators that the other side does not have, or not like that.
        places: Where debugging information says that members and parameters stand, by name.
        """
        self.location = location
        self.changed = changed
        self._source = source
        self._places = places or {}

    @cached_property
    def _extent(self) -> Extent | None:
        text = self._source.text(self.location.file) if self.location else None
        return extent(text, self.location.line) if self.location and text is not None else None

    def origins(self, file: str, lines: Collection[int]) -> Mapping[int, Origin | None]:
        """Who wrote or removed lines of a file, None where nobody in the range did."""
        return self._source.origins(file, lines)

    def origin(self, name: str) -> Origin | None:
        """Who wrote or removed a member, parameter or enumerator, None where nobody in the range did."""
        found = (self.origins(file, lines) for file, lines in self._lines_of(name).items())
        return next((origin for lines in found for origin in lines.values() if origin), None)

    def lines_of_changed(self) -> dict[str, set[int]]:
        """File → the lines that the changed members, parameters and enumerators stand on."""
        found: dict[str, set[int]] = {}
        for name in self.changed:
            for file, lines in self._lines_of(name).items():
                found.setdefault(file, set()).update(lines)
        return found

    def _lines_of(self, name: str) -> dict[str, list[int]]:
        if name in self._places:
            return {self._places[name].file: [self._places[name].line]}
        if self.location and self._extent:
            return {self.location.file: self._extent.words.get(name.rpartition(".")[2], [])}
        return {}

    def lines(self) -> dict[str, set[int]]:
        """File → the lines of the whole declaration."""
        if self.location is None:
            return {}
        return {self.location.file: {self.location.line, *(self._extent.lines if self._extent else ())}}


def suspects(
    old: DeclarationSide, new: DeclarationSide, chain: Sequence[Step], depends: Collection[str]
) -> tuple[Suspect, ...]:
    """The commits that most likely changed a declaration, the most likely first.

    First come those that touched the lines of changed members, then those that touched other lines of the
    declaration. Among these come first those that touched more lines, then those that came later. Where nobody touched
    a line, they are those that touched files of `depends`, the declaration's own file first, and then those that
    touched configuration or makefiles.

    depends: The files that the object is made from, as paths relative to the tree.
    """
    own = {side.location.file for side in (old, new) if side.location}
    guesses = [
        *_by_lines(old, new, chain, DeclarationSide.lines_of_changed),
        *_by_lines(old, new, chain, DeclarationSide.lines),
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
    old: DeclarationSide,
    new: DeclarationSide,
    chain: Sequence[Step],
    lines_of: Callable[[DeclarationSide], Mapping[str, Collection[int]]],
) -> list[Suspect]:
    """Who touched some lines of both sides, the most likely first."""
    positions = {step.commit.id: position for position, step in enumerate(chain)}
    found: dict[str, Suspect] = {}
    touched: Counter[str] = Counter()  # commit id → how many of the lines it touched
    position: dict[str, int] = {}  # commit id → where on the chain it came in
    for side, reason in ((new, "changed {0.path}:{0.line}"), (old, "removed line {0.line} of {0.path}")):
        for file, lines in lines_of(side).items():
            for _, origin in sorted(side.origins(file, lines).items()):
                if origin:
                    commit = origin.step.commit.id
                    found.setdefault(commit, Suspect(commit, reason.format(origin)))
                    touched[commit] += 1
                    position[commit] = positions[(*origin.merges, origin.step)[0].commit.id]
    return sorted(found.values(), key=lambda each: (-touched[each.commit], -position[each.commit]))


def _by_files(chain: Sequence[Step], wanted: Callable[[str], bool]) -> Iterator[Suspect]:
    """Who touched some files, the newest first."""
    for step in reversed(chain):
        paths = (path for touch in step.touched for path in (touch.path, touch.old_path) if path)
        path = next(filter(wanted, paths), None)
        if path is not None:
            yield Suspect(step.commit.id, f"touches {path}")


def _is_configuration(path: str) -> bool:
    return bool(_CONFIGURATION.fullmatch(posixpath.basename(path)))
