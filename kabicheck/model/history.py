"""What history says, and who changed what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, or with an empty id a tree that is not committed yet.

    id and tree are hexadecimal; time is the committer's, in seconds since 1970; parents are ids.
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
    """A file that differs between two trees. status: "A", "D", "M" or, of a renamed one, "R"; old_path: of that."""

    status: str
    path: str
    old_path: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """From a commit to the next on a way through history. touched: the files that differ between their trees.

    parent: the commit before it on that way, of a merge the parent that it was reached from.
    """

    parent: Commit
    commit: Commit
    touched: tuple[Touch, ...]


class Verdict(StrEnum):
    """How much was shown of who changed something.

    VERIFIED: the version was another one just before that commit, shown by what was built; ONE_OF: the builds narrow
    it down to these; SUSPECTED: the commit touched the lines, nothing was built; NONE: no commit of the range did it
    (another configuration, another toolchain).
    """

    VERIFIED = "verified"
    ONE_OF = "one of"
    SUSPECTED = "suspected"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Transition:
    """What a commit made of one export. old, new: as in ExportChange of a VERSION, "" where it did not exist."""

    object: str
    export: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff. mark: " ", "-" or "+"; culprit: who changed it, a number in Cause.culprits."""

    mark: str
    text: str
    culprit: int | None = None


@dataclass(frozen=True, slots=True)
class Hunk:
    """A part of a commit's own diff of one file. old_file: its former name, where it was renamed.

    old_start, new_start: line numbers from 1, as in a unified diff.
    """

    file: str
    old_start: int
    new_start: int
    lines: tuple[DiffLine, ...]
    old_file: str = ""


@dataclass(frozen=True, slots=True)
class Culprit:
    """Who is responsible for a cause, or for a change of an export, as far as was shown.

    commits: one, or several of ONE_OF (suspects first, then oldest first), or none of NONE; transitions: what its
    exports became there, where that was shown; merges: through which it came into the range, the outermost first;
    hunks: of the commit's own diff, those of the declaration; reason: why no more could be said, or, of who changed
    something else that the exports reach, what that was; a sentence, or "".
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
