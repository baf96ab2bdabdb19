"""The source of declarations along a range of commits: suspects for a search, and the hunks for its result."""

from __future__ import annotations

import posixpath
import re
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from kabicheck.attribute.suspects import Declared, suspects
from kabicheck.compare.changed import changed_names
from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.attribute.suspects import Origin, Suspect
    from kabicheck.model import Commit, Hunk, Location, Step
    from kabicheck.vcs.repository import Repository

    Follow = Callable[[str, Collection[int]], Mapping[int, Origin | None]]

# The largest source file whose declarations are looked for; the kernel's largest hand-written one has 1 MB.
MOST_SOURCE = 4 << 20
_COMPILED = (".c", ".S")
# Where no line of the declaration changed, this many hunks of other files that the object is made from are shown.
MOST_OTHER_HUNKS = 3
_ALL_LINES = range(1 << 40)


class Described(Protocol):
    """What an object says of its declarations, as `commands.builds.SideObject` does."""

    def types(self) -> Mapping[str, str]: ...
    def locate(self, names: Collection[str]) -> Mapping[str, Location]: ...
    def locate_members(self, names: Collection[str]) -> Mapping[str, Mapping[str, Location]]: ...


class Declarations:
    """Declarations of one repository along one chain, which is not empty."""

    def __init__(self, repository: Repository, chain: Sequence[Step]) -> None:
        self._repository = repository
        self._blame = repository.blame()
        self._chain = chain

    def sides(self, name: str, old: Described | None, new: Described | None) -> tuple[Declared, Declared]:
        """A declaration at both ends of the chain. name: the type reference or export; None: no such object."""
        texts = [each.types().get(name, "") if each else "" for each in (old, new)]
        was, became = changed_names(*texts)
        return (
            self._declared(
                name, old, self._chain[0].parent, lambda *lines: self._blame.removed(self._chain, *lines), was
            ),
            self._declared(
                name,
                new,
                self._chain[-1].commit,
                lambda *lines: self._blame.blame(self._chain, *lines),
                became,
            ),
        )

    def suspects(
        self, name: str, old: Described | None, new: Described | None, depends: Collection[str]
    ) -> tuple[Suspect, ...]:
        """The commits that most likely changed a declaration, best first. depends: what the object is made from."""
        return suspects(*self.sides(name, old, new), self._chain, depends)

    def hunks(
        self,
        name: str,
        step: Step,
        before: Described | None,
        after: Described | None,
        depends: Collection[str] = (),
    ) -> tuple[Hunk, ...]:
        """The parts of a commit's own diff that meet a declaration, else some that meet what its object is made from.

        before, after: the object as it was built just before the step and just after it.
        """
        old = self._declared(name, before, step.parent).lines()
        new = self._declared(name, after, step.commit).lines()
        own = [
            hunk
            for touch in step.touched
            for hunk in self._blame.hunks(
                step, touch.path, new.get(touch.path, ()), old.get(touch.old_path or touch.path, ())
            )
        ]
        if own:
            return tuple(own)
        return tuple(islice(self._touched_parts(step, depends), MOST_OTHER_HUNKS))

    def naming(self, export: str, step: Step, depends: Collection[str]) -> tuple[Hunk, ...]:
        """The parts of a commit's own diff that change an `EXPORT_SYMBOL` line of an export, else its name anywhere.

        depends: the files that are looked through, what its object is made from.
        """
        for pattern in (_export_line(export), rf"\b{re.escape(export)}\b"):
            found = [hunk for hunk in self._touched_parts(step, depends) if _changes(hunk, pattern)]
            if found:
                return tuple(found[:MOST_OTHER_HUNKS])
        return ()

    def exporters(self, export: str, step: Step) -> set[str]:
        """The objects of those sources that a commit touched which have an `EXPORT_SYMBOL` line of an export."""
        line = _export_line(export)
        sources = {
            path
            for touch in step.touched
            for commit, path in ((step.parent, touch.old_path or touch.path), (step.commit, touch.path))
            if path.endswith(_COMPILED) and re.search(line, self._text(commit, path) or "")
        }
        return {f"{posixpath.splitext(path)[0]}.o" for path in sources}

    def _touched_parts(self, step: Step, depends: Collection[str]) -> Iterator[Hunk]:
        """All parts of a commit's own diff of some files, whose names may be those before it."""
        wanted = set(depends)
        for touch in step.touched:
            if {touch.path, touch.old_path} & wanted:
                yield from self._blame.hunks(step, touch.path, _ALL_LINES, _ALL_LINES)

    def _declared(
        self,
        name: str,
        described: Described | None,
        commit: Commit,
        follow: Follow = lambda *_: {},
        changed: Collection[str] = (),
    ) -> Declared:
        if described is None:
            return Declared(None, lambda _: None, follow)
        return Declared(
            described.locate([name]).get(name),
            lambda path: self._text(commit, path),
            follow,
            changed,
            described.locate_members([name]).get(name, {}),
        )

    def _text(self, commit: Commit, path: str) -> str | None:
        """A source file as one commit has it; None where it has none that can be read."""
        try:
            content = self._repository.file(commit, path, MOST_SOURCE)
        except RepositoryError:  # no regular file, or too large: where it was declared is all that is known
            return None
        return content.decode(errors="replace") if content is not None else None


def _export_line(export: str) -> str:
    return rf"EXPORT_\w+\(\s*{re.escape(export)}\b"


def _changes(hunk: Hunk, pattern: str) -> bool:
    return any(line.mark != " " and re.search(pattern, line.text) for line in hunk.lines)
