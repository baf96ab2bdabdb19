"""What commits make of some objects: the answers for a search in history, and the objects for its explanation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from kabicheck.attribute.question import Observation
from kabicheck.errors import FetchError, ObjectError, UsageError
from kabicheck.model import ChangeKind
from kabicheck.objects.provider import ReadyMade
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.pipeline.read_options import PLAIN

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kabicheck.attribute.question import Question
    from kabicheck.model import BuiltObject, Commit, DescribedObject, ObjectSet, ObjectVersions
    from kabicheck.objects.store import Store
    from kabicheck.pipeline.read_options import ReadOptions


class Fetch(Protocol):
    """Where objects of commits come from."""

    def __call__(self, commit: Commit, paths: Collection[str] | None = None) -> ObjectSet:
        """Some objects of a commit, maybe more, none for paths that it does not have; by default all of its targets'.

        Raises BuildError, FetchError.
        """
        ...


@dataclass(frozen=True, slots=True)
class ExportState:
    """All of an export that a report compares.

    version: "0x1234abcd", or why it has none.
    licence: "GPL", or "" for EXPORT_SYMBOL.
    namespace: The symbol namespace, "" for none.
    module: The name of the module that exports it, "vmlinux" for built-in code.
    """

    version: str
    licence: str
    namespace: str
    module: str

    def __str__(self) -> str:
        parts = (self.version, self.licence, self.namespace and f"in {self.namespace}", f"of {self.module}")
        return " ".join(filter(None, parts))

    def of_kind(self, kind: ChangeKind) -> str:
        """The part that changes of a kind are about."""
        parts = {
            ChangeKind.LICENCE: self.licence,
            ChangeKind.NAMESPACE: self.namespace,
            ChangeKind.MODULE: self.module,
        }
        return parts.get(kind, self.version)


class ObservedObject:
    """An object as a commit builds it.

    `content` is read where somebody asks for types or places, `states` has the state of each export by name, and
    `depends` the files of the source tree that the object is made from.
    """

    def __init__(self, built: BuiltObject, content: DescribedObject) -> None:
        self.content = content
        self.depends = built.depends
        self._complete = built.complete
        self.states = _states(content.versions, built.module)

    def observation(self) -> Observation:
        """What a search wants to know."""
        states = {name: str(state) for name, state in self.states.items()}
        return Observation(states, frozenset(self.depends), complete=self._complete)

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string."""
        return self.content.types()


class CommitObserver:
    """Answers what commits make of objects (`attribute.question.Observe`), and remembers all that it has seen."""

    def __init__(
        self, fetch: Fetch, reader: ObjectReader | None = None, options: ReadOptions = PLAIN
    ) -> None:
        """fetch: Gives the objects of commits.

        reader: Reads them, and knows what was read before.
        options: How they are read, as those of a comparison's sides are.
        """
        self._fetch = fetch
        self._reader = reader or ObjectReader()
        self._options = options
        # Commit id → object path → what was seen, None where the commit has no such object with exports.
        self._seen: dict[str, dict[str, ObservedObject | None]] = {}
        # (commit id, object path) of what is known not to be built there.
        self._absent: set[tuple[str, str]] = set()
        # (commit id, object path) → the files that an object without exports is made from.
        self._made_from: dict[tuple[str, str], frozenset[str]] = {}
        self._compiled = 0

    @property
    def compiled(self) -> int:
        """How many objects the compiler had to make so far."""
        return self._compiled

    def __call__(self, commit: Commit, paths: Collection[str]) -> Mapping[str, Observation]:
        """What a commit makes of some objects, by path.

        Raises BuildError, FetchError where the commit's objects cannot be had, or not be read.
        """
        seen = self._seen.setdefault(commit.id, {})
        missing = [path for path in paths if path not in seen]
        if missing:
            found = self._fetch(commit, missing)
            self._compiled += found.built
            self.know(commit, found, missing)
            for path in missing:
                seen.setdefault(path, None)
        return {path: self._observation(commit, path) for path in paths}

    def _observation(self, commit: Commit, path: str) -> Observation:
        seen = self._seen[commit.id][path]
        if seen:
            return seen.observation()
        if (commit.id, path) in self._made_from:
            return Observation({}, self._made_from[commit.id, path])
        # An object of which no list is known may get exports from any file; one that is not built, may not.
        return Observation({}, complete=(commit.id, path) in self._absent)

    def know(
        self, commit: Commit, objects: ObjectSet, paths: Collection[str], *, as_old: bool = False
    ) -> None:
        """Take objects of a commit that are there already.

        paths: Those that are asked about.
        as_old: Read them as the old side is read, without the rules from outside the source.
        Raises FetchError for an object that cannot be read.
        """
        built = {each.path: each for each in objects.objects}
        seen = self._seen.setdefault(commit.id, {})
        if objects.source:  # a build of ours, which lists what it leaves out
            gone = set(paths) - built.keys() - set(objects.without_exports)
            self._absent |= {(commit.id, path) for path in gone}
        self._made_from |= {(commit.id, path): frozenset(files) for path, files in objects.made_from.items()}
        unlisted = set(objects.without_exports) - objects.made_from.keys()
        for path in paths:
            if path in unlisted:  # a whole build does not say what it is made from; by itself it will
                continue
            try:
                seen[path] = self.read(built[path], objects.source, as_old=as_old) if path in built else None
            except (ObjectError, UsageError) as error:
                raise FetchError(f"{commit.short}: {error.message}", hint=error.hint) from error

    def asked(self, commit: Commit) -> bool:
        """Whether something is known of a commit."""
        return bool(self._seen.get(commit.id))

    def state(self, commit: Commit, question: Question) -> ExportState | None:
        """What is known of an export at a commit, None where it does not exist."""
        holder = self.holder(commit, question)
        return holder.states[question.export] if holder else None

    def holder(self, commit: Commit, question: Question) -> ObservedObject | None:
        """The object that holds an export at a commit which was asked about it, None where none does."""
        seen = self._seen.get(commit.id, {})
        objects = (seen.get(path) for path in question.objects)
        return next((each for each in objects if each and question.export in each.states), None)

    def read(self, built: BuiltObject, source: str = "", *, as_old: bool = True) -> ObservedObject:
        """Any object, as those of commits are read.

        source: The source tree that its debug information names, "" where that is not known.
        as_old: Read it as the old side is read, without the rules from outside the source.
        """
        options = self._options.old if as_old else self._options
        return ObservedObject(built, self._reader.object(built, options, source))


class ReadyCommits:
    """A Fetch of objects that somebody else built."""

    def __init__(self, template: str, store: Store, goals: tuple[str, ...] = ("./",)) -> None:
        """template: A path with `{commit}` or `{short}` in it. Raises UsageError for one with neither."""
        if "{commit}" not in template and "{short}" not in template:
            raise UsageError(
                f"--commit-objects {template}: the same for every commit", hint="it needs {commit} or {short}"
            )
        self._template = template
        self._store = store
        self._goals = goals
        self._found: dict[str, ObjectSet] = {}

    def __call__(self, commit: Commit, paths: Collection[str] | None = None) -> ObjectSet:  # noqa: ARG002  Fetch's
        """All objects of a commit, whatever is asked for. Raises FetchError."""
        if commit.id not in self._found:
            self._found[commit.id] = self._read(commit)
        return self._found[commit.id]

    def _read(self, commit: Commit) -> ObjectSet:
        path = Path(self._template.replace("{commit}", commit.id).replace("{short}", commit.short))
        if not path.exists():
            raise FetchError(f"{path}: there are no objects of {commit.short}")
        return ReadyMade(path, self._store, self._goals).objects()


def _states(versions: ObjectVersions, module: str) -> dict[str, ExportState]:
    return {
        export.name: ExportState(
            versions.version_or_reason(export.name),
            export.licence,
            export.namespace,
            module,
        )
        for export in versions.exports
    }
