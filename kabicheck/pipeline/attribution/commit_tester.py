"""Whether one commit has changed exported symbols, held against a commit or a version that is good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from kabicheck.model import BuiltObject, Commit, ObjectSet
    from kabicheck.pipeline.attribution.observer import CommitObserver, ExportState, Fetch
    from kabicheck.vcs.repository import Repository

NOT_EXPORTED = "not exported"


@dataclass(frozen=True, slots=True)
class ExportPlace:
    """Where a commit exports a symbol.

    path: Of the object.
    state: All that is compared of the export.
    """

    path: str
    state: ExportState


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """What a commit makes of a symbol.

    symbol: The export's name.
    good: What a good commit makes of it, in a report's words; a version alone where only that is known.
    found: What this one makes of it, in the same way; `NOT_EXPORTED` where it does not export it.
    """

    symbol: str
    good: str
    found: str

    @property
    def is_good(self) -> bool:
        """Whether nothing changed that counts."""
        return self.good == self.found


class CommitTester:
    """Builds commits for some symbols, and says what they make of these.

    fetch: Gives the objects of commits.
    observer: Reads them.
    """

    def __init__(self, fetch: Fetch, observer: CommitObserver, symbols: Sequence[str]) -> None:
        self._fetch = fetch
        self._observer = observer
        self._symbols = symbols

    def good(self, commit: Commit) -> Mapping[str, ExportPlace]:
        """Where a good commit exports the symbols.

        Raises UsageError for one that it does not export, BuildError or FetchError where it cannot be had.
        """
        places = self._places(self._fetch(commit), as_old=True)
        missing = [symbol for symbol in self._symbols if symbol not in places]
        if missing:
            raise UsageError(
                f"{', '.join(missing)}: not exported by the good commit {commit.short}",
                hint="--target says what to build",
            )
        return places

    def against_version(self, commit: Commit, version: str) -> list[StepAnswer]:
        """What a commit makes of the symbols, of which all have one good version ("0x1234abcd").

        Raises BuildError, FetchError where the commit cannot be built.
        """
        places = self._tested(commit, ())
        return [
            StepAnswer(symbol, version, place.state.version if place else NOT_EXPORTED)
            for symbol, place in places.items()
        ]

    def against_good(self, commit: Commit, good: Mapping[str, ExportPlace]) -> list[StepAnswer]:
        """What a commit makes of the symbols. good: from `good`.

        Raises BuildError, FetchError where the commit cannot be built.
        """
        places = self._tested(commit, {place.path for place in good.values()})
        return [
            StepAnswer(symbol, str(good[symbol].state), str(place.state) if place else NOT_EXPORTED)
            for symbol, place in places.items()
        ]

    def _tested(self, commit: Commit, paths: Collection[str]) -> Mapping[str, ExportPlace | None]:
        """Where a commit exports the symbols: first looked for in some objects, for these are built quickly."""
        places = self._places(self._fetch(commit, sorted(paths)), as_old=False) if paths else {}
        if len(places) < len(self._symbols):
            places = self._places(self._fetch(commit), as_old=False)
        return {symbol: places.get(symbol) for symbol in self._symbols}

    def _places(self, objects: ObjectSet, *, as_old: bool) -> dict[str, ExportPlace]:
        places: dict[str, ExportPlace] = {}
        for built in objects.objects:
            places |= self._places_in(built, as_old=as_old)
        return places

    def _places_in(self, built: BuiltObject, *, as_old: bool) -> dict[str, ExportPlace]:
        states = self._observer.read(built, as_old=as_old).states
        return {
            symbol: ExportPlace(built.path, states[symbol]) for symbol in self._symbols if symbol in states
        }


def good_commit(repository: Repository, name: str | None) -> Commit:
    """The commit that is called so, else the one that git was told of first in its bisection.

    Raises UsageError where it was told of none, RepositoryError for a name of no commit.
    """
    if name:
        return repository.commit(name)
    marked = repository.marked_good()
    if marked is None:
        raise UsageError("git was not told of a good commit", hint="git bisect good REF, or give --good REF")
    return marked
