"""hooks/pre-push in a real push, and the hook that pre-commit offers to other repositories."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from kabicheck.demo.repository import DemoRepository, write_repository

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Clone:
    """The demo with its first commit on a bare remote, and the hook in place."""

    demo: DemoRepository
    environment: dict[str, str]

    def push(self, *refs: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["git", "push", "origin", *refs],
            cwd=self.demo.path,
            env=self.environment,
            stderr=subprocess.STDOUT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )

    def remote(self, branch: str) -> str:
        return self.demo.git("ls-remote", "origin", f"refs/heads/{branch}").partition("\t")[0]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    demo = write_repository(tmp_path / "linux")
    demo.git("init", "--quiet", "--bare", str(tmp_path / "remote.git"))
    demo.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    demo.git("push", "--quiet", "origin", f"{demo.base}:refs/heads/main")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-push").symlink_to(ROOT / "hooks/pre-push")
    demo.git("config", "core.hooksPath", str(hooks))
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return Clone(demo, {**os.environ, "PATH": path, "KABICHECK_CACHE": str(tmp_path / "cache")})


def test_a_push_that_changes_exports_is_stopped(clone: Clone) -> None:
    pushed = clone.push("main")
    assert pushed.returncode != 0
    assert "struct async_domain" in pushed.stdout
    assert clone.remote("main") == clone.demo.base


def test_a_push_that_changes_a_comment_goes_through(clone: Clone) -> None:
    comment = clone.demo.commits[0].id
    pushed = clone.push(f"{comment}:refs/heads/main")
    assert pushed.returncode == 0, pushed.stdout
    assert clone.remote("main") == comment


def test_only_what_is_pushed_is_looked_at(clone: Clone) -> None:
    """The remote has the struct's change already; what follows up to here changes no export."""
    clone.demo.git("push", "--quiet", "--no-verify", "origin", f"{clone.demo.commits[1].id}:refs/heads/main")
    pushed = clone.push(f"{clone.demo.commits[2].id}:refs/heads/main")
    assert pushed.returncode == 0, pushed.stdout


def test_a_new_branch_is_compared_with_where_it_left(clone: Clone) -> None:
    clone.demo.git("checkout", "--quiet", "-b", "topic")
    clone.demo.git("branch", "--quiet", "--force", "main", clone.demo.base)
    pushed = clone.push("topic")
    assert pushed.returncode != 0
    assert "struct async_domain" in pushed.stdout
    assert clone.remote("topic") == ""


def test_a_push_that_only_takes_commits_back_is_looked_at(clone: Clone) -> None:
    """The merge base of what the remote has and what it will have is the latter, so that it would pass."""
    clone.demo.git("push", "--quiet", "--no-verify", "origin", "main")
    taken_back = clone.push("--force", f"{clone.demo.base}:refs/heads/main")
    assert taken_back.returncode != 0
    assert "struct async_domain" in taken_back.stdout
    assert "5 commits that head does not hold" in taken_back.stdout
    assert clone.remote("main") == clone.demo.head
    harmless = clone.push("--force", f"{clone.demo.commits[3].id}:refs/heads/main")
    assert "raw_notifier_chain_unregister: removed" in harmless.stdout
    assert harmless.returncode != 0


def test_a_new_branch_without_commits_of_its_own_passes_with_a_note(clone: Clone) -> None:
    pushed = clone.push(f"{clone.demo.base}:refs/heads/same")
    assert pushed.returncode == 0, pushed.stdout
    assert "note: nothing was built: base and head are the same commit" in pushed.stdout


def test_a_ref_that_is_named_by_words_is_looked_at(clone: Clone) -> None:
    """git hands on the expression that was typed, blanks and all."""
    pushed = clone.push("HEAD^{/bool}:refs/heads/main")
    assert pushed.returncode != 0
    assert "struct async_domain" in pushed.stdout
    assert clone.remote("main") == clone.demo.base


def test_a_push_for_review_is_looked_at(clone: Clone) -> None:
    pushed = clone.push("main:refs/for/main")
    assert pushed.returncode != 0
    assert "struct async_domain" in pushed.stdout


def test_what_is_on_no_branch_of_the_remote_counts_in_a_new_branch(clone: Clone) -> None:
    """main is here with all its commits, and there with one of them."""
    clone.demo.git("checkout", "--quiet", "-b", "topic", "--track", "main")
    clone.demo.commit({"README": "Read me.\n"}, "Say more")
    pushed = clone.push("topic")
    assert pushed.returncode != 0
    assert "(merge base of origin/main and " in pushed.stdout
    assert "struct async_domain" in pushed.stdout
    assert clone.push("main:same").returncode != 0


def test_what_cannot_be_looked_at_stops_the_push(clone: Clone) -> None:
    broken = clone.demo.read("lib/crc32.c").replace("return crc;", "return crc")
    head = clone.demo.commit({"lib/crc32.c": broken}, "lib: Forget a semicolon")
    pushed = clone.push("main")
    assert pushed.returncode != 0
    assert "crc32.c" in pushed.stdout
    assert clone.remote("main") == clone.demo.base != head


def test_tags_and_deleted_branches_are_not_checked(clone: Clone, tmp_path: Path) -> None:
    clone.demo.git("push", "--quiet", "--no-verify", "origin", "HEAD:refs/heads/old")
    clone.demo.git("tag", "v7.3")
    pushed = clone.push("v7.3", ":refs/heads/old")
    assert pushed.returncode == 0, pushed.stdout
    assert clone.remote("old") == ""
    assert not (tmp_path / "cache").exists()


def test_without_kabicheck_the_push_is_stopped_in_one_line(clone: Clone, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("git", "sh"):
        found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
        (tools / tool).symlink_to(found)
    clone.environment["PATH"] = str(tools)
    pushed = clone.push("main")
    assert pushed.returncode != 0
    assert "pre-push: kabicheck is not installed" in pushed.stdout
