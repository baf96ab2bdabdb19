"""Real git repositories, and what they look like byte for byte."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from typing import IO


@dataclass(frozen=True)
class Git:
    """git in one folder, untouched by the settings of whoever runs the tests."""

    path: Path

    def __call__(self, *arguments: str, input_: IO[str] | None = None) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
        identity = ("-c", "user.name=A U Thor", "-c", "user.email=author@example.org")
        command = ["git", *identity, "-c", "gc.auto=0", "-c", "protocol.file.allow=always", *arguments]
        done = subprocess.run(
            command,
            cwd=self.path,
            env=environment,
            stdin=input_ or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str, files: Mapping[str, str | bytes | None]) -> str:
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self("add", "-A")
        self("commit", "-q", "--allow-empty", "-m", message)
        return self("rev-parse", "HEAD")

    def commit_all(self, commits: Sequence[tuple[Collection[int], str]]) -> list[str]:
        """Many commits in one go, each with a file x; returns their ids. The last one is the branch main.

        commits: The numbers of each commit's parents among the commits before it, and what x holds.
        """
        parts = []
        for number, (parents, text) in enumerate(commits):
            first, *others = (f":{parent + 1}" for parent in parents) if parents else ("",)
            parts += [
                f"commit refs/heads/main\nmark :{number + 1}",
                f"committer A U Thor <author@example.org> {number} +0000",
                f"data {len(str(number))}\n{number}",
                *([f"from {first}"] if first else []),
                *(f"merge {other}" for other in others),
                f"M 100644 inline x\ndata {len(text.encode())}\n{text}",
            ]
        (self.path / "stream").write_text("\n".join((*parts, "done\n")))
        with (self.path / "stream").open() as stream:
            self("fast-import", "--quiet", "--done", "--export-marks=marks", input_=stream)
        marks = dict(line.split() for line in (self.path / "marks").read_text().splitlines())
        return [marks[f":{number + 1}"] for number in range(len(commits))]


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Everything below a folder: mode, modification time and content."""
    found = {}
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            path = Path(parent, name)
            status = path.lstat()
            if path.is_symlink():
                content = os.fsencode(path.readlink())
            else:
                content = path.read_bytes() if path.is_file() else b""
            found[str(path)] = (status.st_mode, status.st_mtime_ns, content)
    return found


def contents(folder: Path) -> dict[str, tuple[int, bytes]]:
    """The same without times: of a tree that is stored already git and libgit2 renew that where they would write it."""
    return {name: (mode, content) for name, (mode, _, content) in snapshot(folder).items()}


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """An empty repository on branch main."""
    path = tmp_path / "user"
    path.mkdir()
    made = Git(path)
    made("init", "-q", "-b", "main")
    return made
