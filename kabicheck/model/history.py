"""What history says, and who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, or with an empty id a tree that is not committed yet.

    id: The whole id, hexadecimal.
    short: As many of its first digits as git shows.
    subject: The first line of its message.
    author: The author's name.
    email: The author's address.
    time: When it was committed, in seconds since 1970.
    tree: The id of its tree, hexadecimal.
    parents: The ids of its parents, in their order.
    """

    id: str
    short: str
    subject: str
    author: str
    email: str
    time: int
    tree: str
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Touch:
    """A file that differs between two trees.

    status: "A" for an added file, "D" for a deleted one, "M" for one with another content or mode, "R" for a renamed
        one, whose content may differ as well.
    path: Its path in the new tree, or for a deleted file in the old one.
    old_path: The path of a renamed file in the old tree, else "".
    """

    status: str
    path: str
    old_path: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """From a commit to the next on a way through history.

    parent: The commit before the step. Of a merge that is the parent that the way leads through.
    commit: The commit behind the step.
    touched: The files that differ between their trees.
    """

    parent: Commit
    commit: Commit
    touched: tuple[Touch, ...]


class Verdict(StrEnum):
    """How much was shown of who changed something.

    VERIFIED: What was built shows that it was another one just before the commit.
    ONE_OF: What was built narrows it down to these commits.
    SUSPECTED: The commit touched the lines, and nothing was built.
    NONE: No commit of the range did it, but another configuration or another toolchain.
    """

    VERIFIED = "verified"
    ONE_OF = "one of"
    SUSPECTED = "suspected"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Transition:
    """What a commit made of one export.

    object: The path of the object that exports it.
    export: Its name.
    old: Its version before the commit, as in ExportChange of a VERSION, or "" where it did not exist.
    new: Its version behind the commit, in the same way.
    """

    object: str
    export: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff.

    mark: " " for a line of both sides, "-" for one of the old side, "+" for one of the new side.
    text: The line without its mark and without a line break.
    culprit: Who changed the line, an index into Cause.culprits, or None where that is not known.
    """

    mark: str
    text: str
    culprit: int | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A part of a commit's own diff of one file.

    file: The file's path behind the commit, or for a deleted file before it.
    old_start: The number of the first line on the old side, from 1, as in a unified diff.
    new_start: The number of the first line on the new side, from 1, as in a unified diff.
    lines: The lines, with some that did not change around those that did.
    old_file: The path of a renamed file before the commit, else "".
    """

    file: str
    old_start: int
    new_start: int
    lines: tuple[DiffLine, ...]
    old_file: str = ""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Who is responsible for a cause, or for a change of an export, as far as was shown.

    verdict: How much was shown.
    commits: One commit, or several of ONE_OF (suspects first, then the oldest first), or none of NONE.
    transitions: What the cause's exports became there, where that was shown.
    merges: The merges through which the commit came into the range, the outermost first.
    hunks: Those parts of the commit's own diff that are about the declaration.
    reason: Why no more could be said; or of a commit that changed something else which the exports reach, what that
        was. A sentence, or "".
    """

    verdict: Verdict
    commits: tuple[Commit, ...] = ()
    transitions: tuple[Transition, ...] = ()
    merges: tuple[Commit, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the search for commits cost, and what stood in its way.

    mode: "blame" or "verify".
    commits: All between both sides, oldest first.
    builds: How many commits had to be built.
    objects: How many object files were compiled for that.
    unbuildable: The commits that could not be built, each with the reason in a sentence.
    seconds: Of wall time.
    """

    mode: str
    commits: tuple[Commit, ...]
    builds: int = 0
    objects: int = 0
    unbuildable: tuple[tuple[Commit, str], ...] = ()
    seconds: float = 0.0
