"""The source of declarations along a range of commits: suspects for a search, and the hunks for its result."""

from __future__ import annotations

import posixpath
import re
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from kabicheck.attribute.suspects import DeclarationSide, suspects
from kabicheck.compare.changed import changed_names
from kabicheck.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.attribute.suspects import Origin, Suspect
    from kabicheck.model import Commit, DescribedObject, Hunk, Step
    from kabicheck.vcs.repository import Repository

    Follow = Callable[[str, Collection[int]], Mapping[int, Origin | None]]

# The largest source file whose declarations are looked for; the kernel's largest hand-written one has 1 MB.
MOST_SOURCE = 4 << 20
_COMPILED = (".c", ".S")
# Where no line of the declaration changed, this many hunks of other files that the object is made from are shown.
MOST_OTHER_HUNKS = 3
_ALL_LINES = range(1 << 40)


class CommitSource:
    """The source files of one commit, and who touched their lines (`attribute.suspects.SideSource`)."""

    def __init__(self, repository: Repository, commit: Commit, follow: Follow | None = None) -> None:
        """follow: Says who wrote or removed lines of a file of the commit. Without it nobody is known to have."""
        self._repository = repository
        self._commit = commit
        self._follow = follow

    def text(self, path: str) -> str | None:
        """A file's content, None where the commit has no such file that can be read."""
        try:
            content = self._repository.file(self._commit, path, MOST_SOURCE)
        except RepositoryError:  # no regular file, or too large: where it was declared is all that is known
            return None
        return content.decode(errors="replace") if content is not None else None

    def origins(self, path: str, lines: Collection[int]) -> Mapping[int, Origin | None]:
        """Who wrote or removed lines of a file, None where nobody in the range did."""
        return self._follow(path, lines) if self._follow else {}


class Declarations:
    """Declarations of one repository along one chain, which is not empty."""

    def __init__(self, repository: Repository, chain: Sequence[Step]) -> None:
        self._repository = repository
        self._blame = repository.blame()
        self._chain = chain

    def sides(
        self, name: str, old: DescribedObject | None, new: DescribedObject | None
    ) -> tuple[DeclarationSide, DeclarationSide]:
        """A declaration at both ends of the chain.

        name: The type reference or the export.
        old, new: The object that holds it at either end, None where there is no such object.
        """
        texts = [each.types().get(name, "") if each else "" for each in (old, new)]
        only_old, only_new = changed_names(*texts)
        blame, chain = self._blame, self._chain
        old_source = CommitSource(self._repository, chain[0].parent, partial(blame.removed, chain))
        new_source = CommitSource(self._repository, chain[-1].commit, partial(blame.blame, chain))
        return _side(name, old, old_source, only_old), _side(name, new, new_source, only_new)

    def suspects(
        self, name: str, old: DescribedObject | None, new: DescribedObject | None, depends: Collection[str]
    ) -> tuple[Suspect, ...]:
        """The commits that most likely changed a declaration, the most likely first.

        depends: The files that its object is made from.
        """
        return suspects(*self.sides(name, old, new), self._chain, depends)

    def hunks(
        self,
        name: str,
        step: Step,
        old: DescribedObject | None,
        new: DescribedObject | None,
        depends: Collection[str] = (),
    ) -> tuple[Hunk, ...]:
        """The parts of a commit's own diff that meet a declaration, else some that meet what its object is made from.

        old, new: The object as it was built just before the step and just after it.
        """
        old_lines = _side(name, old, CommitSource(self._repository, step.parent)).lines()
        new_lines = _side(name, new, CommitSource(self._repository, step.commit)).lines()
        own = [
            hunk
            for touch in step.touched
            for hunk in self._blame.hunks(
                step,
                touch.path,
                new_lines.get(touch.path, ()),
                old_lines.get(touch.old_path or touch.path, ()),
            )
        ]
        if own:
            return tuple(own)
        return tuple(islice(self._touched_parts(step, depends), MOST_OTHER_HUNKS))

    def naming(self, export: str, step: Step, depends: Collection[str]) -> tuple[Hunk, ...]:
        """The parts of a commit's own diff that change an `EXPORT_SYMBOL` line of an export, else its name anywhere.

        depends: The files that are looked through, which are those that its object is made from.
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
            if path.endswith(_COMPILED)
            and re.search(line, CommitSource(self._repository, commit).text(path) or "")
        }
        return {f"{posixpath.splitext(path)[0]}.o" for path in sources}

    def _touched_parts(self, step: Step, depends: Collection[str]) -> Iterator[Hunk]:
        """All parts of a commit's own diff of some files, whose names may be those before it."""
        wanted = set(depends)
        for touch in step.touched:
            if {touch.path, touch.old_path} & wanted:
                yield from self._blame.hunks(step, touch.path, _ALL_LINES, _ALL_LINES)


def _side(
    name: str, described: DescribedObject | None, source: CommitSource, changed: Collection[str] = ()
) -> DeclarationSide:
    """A declaration as an object describes it. changed: The members that the other side does not have like that."""
    if described is None:
        return DeclarationSide(source, None)
    places = described.member_locations([name]).get(name, {})
    return DeclarationSide(source, described.locations([name]).get(name), changed, places)


def _export_line(export: str) -> str:
    return rf"EXPORT_\w+\(\s*{re.escape(export)}\b"


def _changes(hunk: Hunk, pattern: str) -> bool:
    return any(line.mark != " " and re.search(pattern, line.text) for line in hunk.lines)
