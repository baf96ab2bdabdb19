"""Single objects of a commit: made by name, in one call of make, where this commit builds them at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.errors import BuildError
from kabicheck.objects.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from kabicheck.objects.visit import Visit


@dataclass(frozen=True, slots=True)
class Made:
    """What came of some objects, by make's names for them.

    there: Those that were made.
    absent: Those that this commit does not build.
    error: Why the others could not be made; None where there are no others.
    """

    there: frozenset[str]
    absent: frozenset[str] = frozenset()
    error: BuildError | None = None


def make_single(visit: Visit, names: Collection[str], asked: Collection[str], rules: Path) -> Made:
    """Make objects by make's names for them. Raises BuildError where not even the build's preparation succeeds.

    Those in `asked` are goals of the whole build themselves, and so are built wherever they have a source. `rules` is
    where a makefile of ours can be written.
    """
    listing = Listing(visit.build, rules, names)

    def is_built(name: str) -> bool:
        return listing.holds(name) or (name in asked and _has_source(visit.source, name))

    try:
        visit.run(*listing.goals, *names, rules=rules)
    except BuildError:
        # Perhaps of an object that this commit does not build, so that nothing depends on it.
        visit.run(*listing.goals, rules=rules)
        listed = list(filter(is_built, names))
        there, error = _as_many_as_possible(visit, listed)
    else:
        listed = list(filter(is_built, names))
        there, error = listed, None
    return Made(frozenset(there), frozenset(names) - frozenset(listed), error)


def _as_many_as_possible(visit: Visit, names: Collection[str]) -> tuple[Iterable[str], BuildError | None]:
    if not names:
        return (), None
    try:
        visit.run(*names, keep_going=True)
    except BuildError as error:
        there = {name for name in names if visit.made(name)}
        # What make neither made nor complained of was made before, or needs something that cannot be made.
        rest = [name for name in names if name not in there and not _is_blamed(visit.log, name)]
        try:
            visit.run(*rest)
        except BuildError:
            return there, error
        return {*there, *rest}, error
    return names, None


def _is_blamed(log: Path, name: str) -> bool:
    """Whether make said that it could not make this file: "*** [scripts/Makefile.build:287: lib/kobject.o] Error 1"."""
    text = log.read_text(errors="replace")
    return re.search(rf"\*\*\* \[(?:\S+ )?{re.escape(name)}\] ", text) is not None


def _has_source(source: Path, name: str) -> bool:
    stem = name.removesuffix(".o")
    return any((source / f"{stem}{suffix}").is_file() for suffix in (".c", ".S", ".rs"))
