"""A server with a pull request on the demo's tree, and checkouts of it as runners make them."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from kabicheck.demo.repository import DemoRepository, write_repository

ROOT = Path(__file__).parents[2]
OBJECTS = ["lib/", "kernel/"]


@dataclass(frozen=True, slots=True)
class Server:
    """A bare repository. base: the tip of main; head: that of the pull request; merge: the former merged with it.

    commits: how many the pull request has. main has a commit of its own since the pull request was begun.
    """

    path: Path
    demo: DemoRepository
    base: str
    head: str
    merge: str
    commits: int

    def checkout(self, folder: Path, ref: str, depth: int = 0) -> Path:
        """What actions/checkout and GitLab's runners do: fetch one ref into a new repository, and detach.

        depth: 0 for the whole history.
        """
        folder.mkdir()
        git(folder, "init", "--quiet", "--initial-branch=main")
        git(folder, "remote", "add", "origin", f"file://{self.path}")
        how = [f"--depth={depth}"] if depth else []
        where = ref.replace("refs/heads/", "refs/remotes/origin/").replace("refs/pull/", "refs/remotes/pull/")
        git(folder, "fetch", "--quiet", "--no-tags", *how, "origin", f"+{ref}:{where}")
        git(folder, "checkout", "--quiet", "--force", "--detach", where)
        return folder


def write_server(folder: Path) -> Server:
    """The demo's series as pull request 1."""
    demo = write_repository(folder / "linux")
    head = demo.head
    demo.git("checkout", "--quiet", "--detach", demo.base)
    readme = demo.read("lib/crc32.c") + "/* nothing of the pull request's */\n"
    base = demo.commit({"lib/crc32.c": readme}, "lib: Say nothing")
    demo.git("merge", "--quiet", "--no-ff", "--message=Merge", head)
    merge = demo.head
    path = folder / "server.git"
    demo.git("init", "--quiet", "--bare", "--initial-branch=main", str(path))
    refs = {"heads/main": base, "heads/topic": head, "pull/1/head": head, "pull/1/merge": merge}
    demo.git("push", "--quiet", str(path), *(f"{commit}:refs/{ref}" for ref, commit in refs.items()))
    return Server(path, demo, base, head, merge, len(demo.commits))


def git(folder: Path, *arguments: str) -> str:
    """Run git with nothing of the user's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def run_script(
    script: str, checkout: Path, variables: dict[str, str], *arguments: str, text: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a script of ci/ in a checkout, with kabicheck as it is installed here, and only these CI variables.

    text: its standard input.
    """
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "CI_", "GITLAB_", "GIT_", "PRE_COMMIT_", "RUNNER_"))
    }
    clean["PATH"] = f"{Path(sys.executable).parent}:{clean['PATH']}"
    return subprocess.run(
        [ROOT / script, *arguments],
        cwd=checkout,
        env=clean | variables,
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
