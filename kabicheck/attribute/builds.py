"""What was observed so far, of all commits, and how many may still be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import BuildError, FetchError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kabicheck.attribute.question import Observation, Observe, Question
    from kabicheck.model import Commit


class Builds:
    """Looks at commits through `observe`, at each object of each commit once."""

    def __init__(self, observe: Observe, most: int | None) -> None:
        """most: How many commits may be looked at, None for as many as it takes."""
        self._observe = observe
        self._most = most
        self._known: dict[str, dict[str, Observation]] = {}  # commit id → object path → what was seen
        self._failed: dict[str, dict[tuple[str, ...], str]] = {}  # commit id → paths asked for → a sentence

    @property
    def count(self) -> int:
        """The number of commits that were looked at, whether they could be built or not."""
        return len(self._known)

    @property
    def limit(self) -> str:
        """Why no further commit may be looked at, a sentence. It is "" where one may."""
        if self._most is None or self.count < self._most:
            return ""
        return f"no more than {self._most} {'commit was' if self._most == 1 else 'commits were'} to be built"

    @property
    def unbuildable(self) -> Mapping[str, str]:
        """Commit id → why some of its objects could not be had."""
        return {commit: next(iter(errors.values())) for commit, errors in self._failed.items()}

    def look(self, commit: Commit, questions: Iterable[Question]) -> None:
        """Learn what a commit makes of the objects of some questions, as far as they can be had."""
        groups = dict.fromkeys(
            question.objects for question in questions if not self._is_settled(commit, question)
        )
        if not groups or (self.limit and commit.id not in self._known):
            return
        known = self._known.setdefault(commit.id, {})
        paths = {path for objects in groups for path in objects} - known.keys()
        error = self._learn(commit, paths)
        if not error:
            return
        for objects in groups:
            # What stands in the way of one object need not stand in that of another.
            unknown = set(objects) - known.keys()
            if unknown and (why := error if unknown == paths else self._learn(commit, unknown)):
                self._failed.setdefault(commit.id, {})[objects] = why

    def observations(self, commit: Commit, question: Question) -> Mapping[str, Observation] | None:
        """What is known of a commit's objects, by path. None unless all of a question's objects are known."""
        known = self._known.get(commit.id, {})
        return known if known.keys() >= set(question.objects) else None

    def obstacle(self, commit: Commit, question: Question) -> str:
        """Why a question's objects could not be had at a commit, a sentence."""
        error = self._failed.get(commit.id, {}).get(question.objects)
        return f"{commit.short} cannot be built: {error}" if error else self.limit

    def _is_settled(self, commit: Commit, question: Question) -> bool:
        failed = question.objects in self._failed.get(commit.id, {})
        return failed or self.observations(commit, question) is not None

    def _learn(self, commit: Commit, paths: Collection[str]) -> str:
        """Observe some objects. Returns what went wrong, a sentence, or ""."""
        try:
            found = self._observe(commit, sorted(paths))
        except BuildError as error:
            return error.sentence
        except FetchError as error:
            return str(error)
        self._known[commit.id] |= found
        missing = sorted(set(paths) - found.keys())
        return f"nothing is known of {missing[0]}" if missing else ""
