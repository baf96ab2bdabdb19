"""What is asked of history, what a build answers, and what a search returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from kabicheck.model import Commit, Step, Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """An export that differs between both ends of a range. objects: paths of the objects that may hold it, sorted."""

    export: str
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """One object as one commit builds it; without exports where that commit does not have it.

    states: export → all of it that a report compares, in words which are equal where it is ("0x1234abcd GPL");
    depends: the files of the source tree that it is made from, relative to it; complete: whether these are known to
    be all (an object that this commit does not have depends on whatever would make it appear).
    """

    states: Mapping[str, str]
    depends: frozenset[str] = frozenset()
    complete: bool = True


# Builds or fetches some objects of a commit, by path. Raises BuildError, FetchError where that commit cannot be had.
Observe = Callable[[Commit, Collection[str]], Mapping[str, Observation]]


@dataclass(frozen=True, slots=True)
class Point:
    """Where the state of an export changed, as far as the search came.

    steps: the one step of VERIFIED, several of ONE_OF, in the order of history; old, new: the states before and after
    ("" where it did not exist); observed: the commits whose builds showed them: the parent and the commit, or others
    between which and these nothing touched what the objects are made from; merges: through which the step came
    into the range, the outermost first; reason: why it is not narrower, a sentence, or "".
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    old: str
    new: str
    observed: tuple[Commit, Commit]
    merges: tuple[Commit, ...] = ()
    reason: str = ""
