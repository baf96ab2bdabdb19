"""Linux's source as a git repository: imported once into the tests' cache, cloned from there.

$XDG_CACHE_HOME/kabicheck-tests/linux.git   a bare repository with one commit
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.oracle.gendwarfksyms import ROOT, Missing

if TYPE_CHECKING:
    from collections.abc import Sequence

# Settings of the clones themselves, and of nobody's else: the machine's own are not read.
IDENTITY = {"user.name": "Kernel Developer", "user.email": "developer@example.org", "commit.gpgSign": "false"}
ENVIRONMENT = (
    {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",  # so that our own `git status` does not refresh an index that must stay as it was
    }
)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of one file: `old`, which stands there exactly `times`, becomes `new`.

    With an empty `old` the file is made anew, with an empty `new` as well it is deleted.
    """

    file: str
    old: str = ""
    new: str = ""
    times: int = 1

    def apply(self, tree: Path) -> None:
        path = tree / self.file
        if not self.old and not self.new:
            path.unlink()
        elif not self.old:
            assert not path.exists(), path
            path.write_text(self.new)
        else:
            text = path.read_text()
            assert text.count(self.old) == self.times, f"{self.file}: {self.old!r} stands there otherwise"
            path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True, slots=True)
class Checkout:
    """A clone of Linux with a work tree."""

    path: Path

    def git(self, *arguments: str) -> str:
        return _git("-C", str(self.path), *arguments)

    def commit(self, subject: str, edits: Sequence[Edit]) -> str:
        """Apply the edits to the work tree and commit them; the id of the commit."""
        for edit in edits:
            edit.apply(self.path)
        self.git("add", "--", *sorted({edit.file for edit in edits}))
        self.git("commit", "--quiet", "--message", subject)
        return self.git("rev-parse", "HEAD")

    def state(self) -> dict[str, object]:
        """All that a tool must leave as it is: every file of `.git`, what git says, every file's time and size."""
        found: dict[str, object] = {
            question: self.git(*question.split())
            for question in ("status --porcelain --ignored", "for-each-ref", "stash list", "worktree list")
        }
        for folder, _, files in os.walk(self.path):
            for name in files:
                path = Path(folder, name)
                about = path.lstat()
                content = path.read_bytes() if ".git" in path.parts else about.st_mtime_ns
                found[str(path)] = (about.st_mode, about.st_ino, about.st_size, content)
        return found


def clone(into: Path) -> Checkout:
    """A clone that borrows the cached repository's objects. Raises Missing."""
    _git("clone", "--quiet", "--shared", *_settings(), str(repository()), str(into))
    return Checkout(into)


@functools.cache
def repository() -> Path:
    """The cached bare repository; made from Debian's kernel source where it is not there. Raises Missing."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kabicheck-tests"
    kept = cache / "linux.git"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="part.") as scratch:
            made = _import(Path(scratch))
            try:
                made.rename(kept)
            except OSError:
                if not kept.exists():  # otherwise somebody was faster
                    raise
    return kept


def _import(scratch: Path) -> Path:
    """Unpack the source and commit all of it in a bare repository."""
    unpacked = subprocess.run(
        [ROOT / "ci" / "kernel-source", scratch], capture_output=True, text=True, check=False
    )
    if unpacked.returncode:
        raise Missing(f"no Linux to check: {unpacked.stderr.strip()}")
    tree = Path(unpacked.stdout.strip())
    ignored = tree / ".gitignore"
    # Debian's last lines ignore everything at the top.
    ignored.write_text(ignored.read_text().replace("\n/*\n", "\n"))
    made = scratch / "linux.git"
    _git("init", "--quiet", "--bare", str(made))
    bare = f"--git-dir={made}"
    # Above the threshold git streams a file into a pack; 95,000 loose objects would be slow to read.
    pack = ("-c", "core.bigFileThreshold=1", "-c", "core.compression=1")
    _git(bare, f"--work-tree={tree}", *pack, "add", "--all")
    settings = [word for name, value in IDENTITY.items() for word in ("-c", f"{name}={value}")]
    commit = _git(bare, *settings, "commit-tree", "-m", tree.name, _git(bare, "write-tree"))
    _git(bare, "update-ref", "refs/heads/main", commit)
    _git(bare, "symbolic-ref", "HEAD", "refs/heads/main")
    (made / "index").unlink()
    shutil.rmtree(tree)
    return made


def _settings() -> list[str]:
    return [word for name, value in IDENTITY.items() for word in ("--config", f"{name}={value}")]


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=ENVIRONMENT,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.strip()
