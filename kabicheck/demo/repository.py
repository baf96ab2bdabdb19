"""Writes the demo's tree and patches as a git repository whose commit ids are the same everywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.errors import RepositoryError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parent
MAINTAINER = "Demo Maintainer <maintainer@example.org>"
FIRST_DATE = 1772355600  # 2026-03-01 09:00 UTC, the day before the first patch

# Settings of the repository itself, so that it behaves the same for whoever looks at it.
# Executable bits are ignored because wheels and umasks do not keep them, and they are part of a commit's id.
CONFIG = {
    "user.name": "Demo Maintainer",
    "user.email": "maintainer@example.org",
    "commit.gpgSign": "false",
    "core.autocrlf": "false",
    "core.fileMode": "false",
    "core.hooksPath": os.devnull,
    "gc.auto": "0",
}


@dataclass(frozen=True, slots=True)
class DemoCommit:
    """One commit of the series.

    id: Its whole id.
    author: "Name <mail>".
    subject: The first line of its message, which says what it does.
    """

    id: str
    author: str
    subject: str


@dataclass(frozen=True, slots=True)
class DemoRepository:
    """A git repository with the demo's tree and series.

    path: The work tree, with branch `main` checked out.
    base: The id of the tree's own commit.
    commits: The series on top of it, oldest first.
    """

    path: Path
    base: str
    commits: tuple[DemoCommit, ...]

    @property
    def head(self) -> str:
        """The id of what is checked out now."""
        return self.git("rev-parse", "HEAD")

    def read(self, path: str) -> str:
        """The text of a file as it is checked out."""
        return (self.path / path).read_text(encoding="utf-8")

    def commit(self, files: Mapping[str, str | None], message: str, author: str = MAINTAINER) -> str:
        """Commit new texts of files (None deletes one) on top of what is checked out; returns the id."""
        for name, text in files.items():
            file = self.path / name
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
        self.git("add", "--all", "--", *files)
        date = int(self.git("log", "-1", "--format=%ct")) + 60
        self.git("commit", "--quiet", "--message", message, "--author", author, date=date)
        return self.head

    def git(self, *arguments: str, date: int = FIRST_DATE) -> str:
        """Run git in the work tree, with nothing of the user's; returns its output less the last newline.

        date: seconds since 1970, for what the command commits. Raises RepositoryError.
        """
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_AUTHOR_DATE": f"{date} +0000",
            "GIT_COMMITTER_DATE": f"{date} +0000",
            "LC_ALL": "C",
        }
        try:
            done = subprocess.run(
                ["git", *arguments],
                cwd=self.path,
                env=environment,
                check=False,
                capture_output=True,
                text=True,
            )
        except FileNotFoundError:
            raise RepositoryError("git: command not found", hint="install git") from None
        if done.returncode:
            problem = (done.stderr or done.stdout).strip().splitlines()
            raise RepositoryError(f"{self.path}: git {arguments[0]}: {problem[-1] if problem else 'failed'}")
        return done.stdout.removesuffix("\n")


def write_repository(folder: Path) -> DemoRepository:
    """Make the demo's repository in a folder that is empty or does not exist yet.

    Raises UsageError for a folder that holds something, RepositoryError when git fails.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder}: is not an empty folder", hint="name one that does not exist yet")
    shutil.copytree(HERE / "tree", folder, copy_function=shutil.copyfile, dirs_exist_ok=True)
    empty = DemoRepository(folder, "", ())
    empty.git("init", "--quiet", "--template=")
    empty.git("symbolic-ref", "HEAD", "refs/heads/main")
    for name, value in CONFIG.items():
        empty.git("config", name, value)
    empty.git("add", "--all", "--force")
    empty.git("commit", "--quiet", "--message", "Linux in miniature")
    base = empty.head
    series = sorted(str(patch) for patch in (HERE / "series").glob("*.patch"))
    empty.git("am", "--quiet", "--committer-date-is-author-date", *series)
    log = empty.git("log", "--reverse", "--format=%H%x00%an <%ae>%x00%s", f"{base}..HEAD")
    return DemoRepository(folder, base, tuple(DemoCommit(*line.split("\0")) for line in log.splitlines()))
