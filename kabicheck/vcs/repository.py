"""The user's repository, read only: names to commits, the default base, the commits between.

Nothing here writes to it. Every way in which libgit2 says that something is missing becomes a RepositoryError
with the command that helps.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import ConfigLevel, FileMode, SortMode

from kabicheck.cache import cache_folder, locked
from kabicheck.errors import RepositoryError
from kabicheck.model import Commit
from kabicheck.vcs.blame import Blame
from kabicheck.vcs.git_index import staged_tree
from kabicheck.vcs.history import History, describe, merge_bases
from kabicheck.vcs.merge_bases import MOST_NAMED, merged
from kabicheck.vcs.opening import Opened, explained, opened
from kabicheck.vcs.partial import smallest_fetch
from kabicheck.vcs.tracked import first_tracked
from kabicheck.vcs.worktree import Worktree, borrowing_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.model import Step
    from kabicheck.vcs.merge_bases import Merged


@dataclass(frozen=True, slots=True)
class Base:
    """The commit to compare with.

    commit: The commit.
    detail: How it was found, as "merge base of origin/main and HEAD".
    bases: All merge bases, the newest first.
    note: A sentence about them, where there are several, or where history is cut off. Else "".
    """

    commit: Commit
    detail: str
    bases: tuple[Commit, ...] = ()
    note: str = ""


class Repository:
    """A git repository that somebody else owns: discovered from any path inside it, bare ones included."""

    def __init__(self, found: Opened) -> None:
        self._git = found.raw
        self.path = Path(found.raw.path)
        self.common = found.common
        self.source = found.source
        self._objects = found.objects
        self._ends = ("HEAD", "HEAD")  # base and head, for whoever has to fetch what they lack
        # Ids of commits of ours that join several merge bases: what has all of these in its history descends from it.
        self._joined: set[str] = set()

    @classmethod
    def discover(cls, path: Path | str = ".") -> Repository:
        """The repository that a path lies in, or that git's environment names. Raises RepositoryError."""
        found = cls.find(path)
        if found is None:
            raise RepositoryError(f"{Path(path).absolute()}: not inside a git repository", hint="give -C DIR")
        return found

    @classmethod
    def find(cls, path: Path | str = ".") -> Repository | None:
        """The same, or None where there is none. Raises RepositoryError for one that is not readable."""
        found = opened(path)
        return cls(found) if found is not None else None

    def commit(self, ref: str) -> Commit:
        """The commit that a branch, tag, id or expression (`HEAD~3`) names."""
        with self._explained():
            try:
                found = self._git.revparse_single(ref).peel(pygit2.Commit)
            except (KeyError, ValueError, pygit2.InvalidSpecError) as error:
                raise self._unknown(ref) from error
            return describe(found)

    def file(self, commit: Commit, path: str, limit: int) -> bytes | None:
        """A file's content in a commit, None where there is no such path.

        Raises RepositoryError for what is no regular file, or larger than `limit` bytes.
        """
        with self._explained():
            tree = self._git[pygit2.Oid(hex=commit.tree)].peel(pygit2.Tree)
            try:
                entry = tree[path]
            except (KeyError, ValueError):
                return None
            regular = entry.filemode in (FileMode.BLOB, FileMode.BLOB_EXECUTABLE)
            if not isinstance(entry, pygit2.Blob) or not regular:
                raise RepositoryError(f"{commit.short}:{path}: not a regular file")
            if entry.size > limit:
                raise RepositoryError(f"{commit.short}:{path}: larger than {limit >> 10} KiB")
            return bytes(entry.data)

    def tracked(self, names: Sequence[str]) -> str:
        """The first of these paths that HEAD or the index holds; see `first_tracked`. Raises RepositoryError."""
        with self._explained():
            return first_tracked(self._git, names)

    def tracked_below(self, path: Path) -> bool:
        """Whether a file of the work tree is tracked, by its own name, where that is a link."""
        assert self.source is not None
        root = Path(os.path.realpath(self.source))
        absolute = Path(os.path.realpath(path.absolute().parent)) / path.name
        return absolute.is_relative_to(root) and bool(self.tracked([str(absolute.relative_to(root))]))

    def base(
        self,
        head: Commit,
        ref: str = "",
        *,
        head_name: str = "HEAD",
        join: bool = True,
        remote: str = "",
        cache: Path | None = None,
    ) -> Base:
        """The merge base of two commits.

        ref: The other one. Without it that is the upstream branch, origin/HEAD, main or master (`default_base`).
        head_name: How the user calls head.
        join: Whether to take the merge of several merge bases, a commit of ours, else the newest of them.
        remote: The remote that a new branch is pushed to (`default_base`).
        cache: The folder to keep our repository in, None for the cache folder.
        Raises RepositoryError where there is no merge base.
        """
        name = ref or self.default_base(remote)
        other = self.commit(name)
        with self._explained():
            found = merge_bases(self._git, pygit2.Oid(hex=head.id), pygit2.Oid(hex=other.id))
        if not found:
            raise RepositoryError(
                f"{name} and {head_name} have no common ancestor here"
                + (" (the clone is shallow)" if self._git.is_shallow else ""),
                hint="git fetch --unshallow"
                if self._git.is_shallow
                else "give --base COMMIT of this history",
            )
        with self._explained():
            bases = tuple(map(describe, found))
        self._ends = (bases[0].id, head.id)
        if len(bases) == 1:
            return Base(
                bases[0], f"merge base of {name} and {head_name}", bases, self._cut_off(bases[0], head)
            )
        named = ", ".join(f"{base.short} ({base.subject})" for base in bases)
        note = f"{name} and {head_name} have {len(bases)} merge bases, {named}: "
        if not join:
            note += (
                f"{bases[0].short}, the newest, is compared with; nobody is blamed for what the others hold"
            )
            return Base(bases[0], f"newest merge base of {name} and {head_name}", bases, note)
        joined = self._join(bases, (head, other), cache)
        note += "compared with their merge, since what any of them holds both sides hold"
        if joined.conflicts:
            files = ", ".join(joined.conflicts[:MOST_NAMED]) + ", …" * (len(joined.conflicts) > MOST_NAMED)
            note += f"; where they contradict each other {bases[0].short}, the newest, counts ({files})"
        return Base(joined.commit, f"{len(bases)} merge bases of {name} and {head_name}", bases, note)

    def _cut_off(self, base: Commit, head: Commit) -> str:
        """What a shallow clone may hide of where two histories parted, a sentence."""
        if not self._git.is_shallow:
            return ""
        cut = set((self.common / "shallow").read_text().split())
        found = next((each for each in self.between(base, head) if each.id in cut), None)
        if found is None:
            return ""
        return (
            f"this shallow clone cuts history off at {found.short}, which only head has, so that a nearer merge base "
            "may be hidden (git fetch --unshallow)"
        )

    def _join(self, bases: Sequence[Commit], tips: Sequence[Commit], cache: Path | None) -> Merged:
        """The merge of several merge bases, which this object knows from now on; it is written to what is ours."""
        folder = self._ours(cache)
        with locked(folder / "lock"), self._explained():
            ours = borrowing_repository(folder / "borrowed.git", self._objects)
            joined = merged(ours, bases, tips)
        self._git.odb.add_disk_alternate(str(folder / "borrowed.git" / "objects"))
        self._joined.add(joined.commit.id)
        return joined

    def default_base(self, remote: str = "") -> str:
        """The branch's upstream, else where origin/HEAD points, else main or master. Raises RepositoryError.

        remote: The remote that a new branch is pushed to, so that what it has counts before what is only here.
        """
        there = f"refs/remotes/{remote or 'origin'}/"
        with self._explained():
            if not self._git.head_is_unborn and not self._git.head_is_detached:
                branch = self._git.lookup_branch(self._git.head.shorthand)
                with contextlib.suppress(KeyError):  # an upstream is configured, but was never fetched
                    upstream = branch.upstream if branch is not None else None
                    if upstream is not None and (not remote or upstream.name.startswith(there)):
                        return str(upstream.shorthand)
            of_remote = (f"{there}main", f"{there}master") if remote else ()
            for name in (f"{there}HEAD", *of_remote, "refs/heads/main", "refs/heads/master"):
                # A remote without a name is known by its URL, which no ref is called by.
                with contextlib.suppress(KeyError, ValueError):
                    return str(self._git.lookup_reference(name).resolve().shorthand)
        raise RepositoryError(
            f"{self.path}: no upstream branch, no origin/HEAD, no main or master to compare with",
            hint="give --base REF",
        )

    def marked_good(self) -> Commit | None:
        """The oldest commit that `git bisect` was told is good, None where no bisection is going on."""
        terms = self.path / "BISECT_TERMS"  # the words for bad and good, where other ones were chosen
        words = terms.read_text().split() if terms.is_file() else []
        prefix = f"refs/bisect/{words[1] if len(words) == 2 else 'good'}-"
        with self._explained():
            ids = [name.removeprefix(prefix) for name in self._git.references if name.startswith(prefix)]
            return min((self.commit(each) for each in ids), key=lambda commit: commit.time, default=None)

    def between(self, base: Commit, head: Commit, *others: Commit) -> tuple[Commit, ...]:
        """The commits that head has, and neither base nor others have, the oldest first, parents before children."""
        with self._explained():
            walker = self._git.walk(pygit2.Oid(hex=head.id), SortMode.TOPOLOGICAL | SortMode.REVERSE)
            for each in (base, *others):
                walker.hide(pygit2.Oid(hex=each.id))
            return tuple(describe(commit) for commit in walker)

    def history(self) -> History:
        """The ways between its commits."""
        return History(self._git, self._explained, self._joined)

    def blame(self) -> Blame:
        """Who wrote and removed lines of its files."""
        return Blame(self._git, self.history(), self._explained)

    def worktree(self, key: str, cache: Path | None = None) -> Worktree:
        """Our own worktree of this repository for one configuration, named by `key` (a folder name)."""
        return Worktree(self._ours(cache), key, borrow=self._objects, hint=self._missing_hint())

    def staged(self, base: Commit, index_file: str = "", cache: Path | None = None) -> Step:
        """The step from a commit to what is staged.

        index_file: What GIT_INDEX_FILE says, relative to the work tree.
        Raises RepositoryError as `staged_tree` does, and in a bare repository.
        """
        if self.source is None:
            raise RepositoryError(f"{self.path}: a bare repository, where nothing can be staged")
        index = self.source / index_file if index_file else self.path / "index"
        folder = self._ours(cache)
        with locked(folder / "lock"):
            ours = borrowing_repository(folder / "borrowed.git", self._objects)
        with self._explained():
            tree = staged_tree(index, ours, shared=self.path)
        self._ends = (base.id, base.id)
        commit = Commit("", "", "what is staged", "", "", 0, tree, (base.id,))
        return History(ours, self._explained).step(base, commit)

    def remarks(self) -> tuple[str, ...]:
        """What of this repository git would see otherwise, in sentences."""
        prefix = "refs/replace/"
        with self._explained():
            count = sum(name.startswith(prefix) for name in self._git.references)
        if not count:
            return ()
        refs = "1 replace ref is" if count == 1 else f"{count:,} replace refs are"
        return (f"{refs} ignored: commits, trees and files are taken as they are (git replace --list)",)

    @property
    def is_unborn(self) -> bool:
        """Whether HEAD is a branch without a commit."""
        with self._explained():
            return bool(self._git.head_is_unborn)

    @property
    def is_merging(self) -> bool:
        """Whether the next commit is a merge: one to be finished, or, to a hook, one that git is making just now.

        `git merge` tells its children of what it merges by variables GITHEAD_ID, and writes MERGE_HEAD behind the hook.
        """
        return (self.path / "MERGE_HEAD").is_file() or any(name.startswith("GITHEAD_") for name in os.environ)

    def hooks_folder(self) -> Path:
        """Where git looks for its hooks.

        Raises RepositoryError where that is for more than this repository, or for none (core.hooksPath=/dev/null).
        """
        with self._explained():
            settings = [entry for entry in self._git.config if entry.name == "core.hookspath"]
        if not settings:
            return self.common / "hooks"
        chosen = max(settings, key=lambda entry: entry.level)
        folder = (self.source or self.path) / Path(chosen.value or "").expanduser()
        if chosen.level < ConfigLevel.LOCAL:
            raise RepositoryError(
                f"core.hooksPath is {folder} for all repositories",
                hint="git config core.hooksPath .git/hooks, here",
            )
        if folder.exists() and not folder.is_dir():
            raise RepositoryError(
                f"core.hooksPath is {folder}, which is no folder: hooks are switched off",
                hint="git config --unset core.hooksPath",
            )
        return folder

    def ancestors(self, commit: Commit, most: int) -> Iterator[Commit]:
        """The first parents of a commit, the nearest first, as far as they are there."""
        for _ in range(most):
            if not commit.parents:
                return
            try:
                commit = self.commit(commit.parents[0])
            except RepositoryError:  # the clone is shallow
                return
            yield commit

    def _ours(self, cache: Path | None) -> Path:
        """The folder for what we keep of this repository."""
        identity = hashlib.sha256(os.fsencode(self.common)).hexdigest()[:16]
        return (cache or cache_folder()) / "repositories" / identity

    def _unknown(self, ref: str) -> RepositoryError:
        if self._git.is_shallow:
            return RepositoryError(
                f"{self.path}: no commit {ref} in this shallow clone", hint="git fetch --unshallow"
            )
        if ref == "HEAD" and self._git.head_is_unborn:
            return RepositoryError(f"{self.path}: there is no commit yet")
        if ref == "HEAD":
            return RepositoryError(
                f"{self.path}: the commit of HEAD is missing or damaged", hint="git fsck says what else is"
            )
        return RepositoryError(f"{self.path}: no commit {ref}", hint="git fetch, or another name")

    def will_read(self, base: Commit, head: Commit) -> None:
        """What a command that fetches what is missing has to bring; known where `base` or `staged` was asked."""
        self._ends = (base.id, head.id)

    def fetch_hint(self) -> str:
        """The command that brings what a partial or a shallow clone lacks, "" for a whole one.

        Of a partial one that is no more than a check reads: all files of base and head, and of the commits between.
        """
        config = self._git.config
        for remote in self._git.remotes:
            with contextlib.suppress(KeyError, ValueError):
                if config.get_bool(f"remote.{remote.name}.promisor"):
                    return f"a partial clone: {smallest_fetch(str(remote.name), *self._ends)}"
        if self._git.is_shallow:
            return "git fetch --unshallow"
        return ""

    def _missing_hint(self) -> str:
        """The command that brings objects which this repository lacks."""
        return self.fetch_hint() or "git fsck says what else is missing"

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        with explained(self.path, self._missing_hint):
            yield
