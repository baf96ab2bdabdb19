"""What is asked of history, what a build answers, and what a search returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from kabicheck.model import Commit, Step, Verdict


@dataclass(frozen=True, slots=True)
class Question:
    """An export that differs between both ends of a range.

    export: The export's name.
    objects: The paths of the objects that may hold it, sorted.
    """

    export: str
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observation:
    """One object as one commit builds it. It has no exports where that commit does not have the object.

    states: Export → all of it that a report compares, in words that are equal where it is equal ("0x1234abcd GPL").
    depends: The files of the source tree that the object is made from, as paths relative to the tree.
    complete: Whether these are known to be all of them. An object that this commit does not have depends on whatever
        would make it appear.
    """

    states: Mapping[str, str]
    depends: frozenset[str] = frozenset()
    complete: bool = True


# Builds or fetches some objects of a commit, by path. Raises BuildError, FetchError where that commit cannot be had.
Observe = Callable[[Commit, Collection[str]], Mapping[str, Observation]]


@dataclass(frozen=True, slots=True)
class Point:
    """Where in history the state of an export changed, as far as the search came.

    verdict: VERIFIED, ONE_OF or NONE.
    steps: The one step of VERIFIED, several of ONE_OF in the order of history, none of NONE.
    old: The state before the change, "" where the export did not exist.
    new: The state after the change, "" where the export does not exist any more.
    observed: The commits whose builds showed both states. They are the parent and the commit, or commits between which
        and these nothing touched what the objects are made from.
    merges: The merges through which the step came into the range, the outermost first.
    reason: Why the answer is not narrower, a sentence, or "".
    """

    verdict: Verdict
    steps: tuple[Step, ...]
    old: str
    new: str
    observed: tuple[Commit, Commit]
    merges: tuple[Commit, ...] = ()
    reason: str = ""
