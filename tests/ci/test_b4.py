"""ci/b4, with patches as b4 hands them to prep-perpatch-check-cmd."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.ci.runner import OBJECTS, Server, git, run_script

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def checkout(server: Server, tmp_path: Path) -> Path:
    return server.checkout(tmp_path / "linux", "refs/heads/topic")


def _check(checkout: Path, temporary: Path, patch: str) -> subprocess.CompletedProcess[str]:
    cache = {"KABICHECK_CACHE": str(temporary / "kabicheck/cache")}
    return run_script("ci/b4", checkout, cache, *OBJECTS, text=patch)


def test_each_patch_of_a_series(server: Server, checkout: Path, temporary: Path) -> None:
    """Those that change an export fail in one line, for the others there is none."""
    failed = {}
    for commit in server.demo.commits:
        patch = git(checkout, "format-patch", "--stdout", "-1", commit.id)
        done = _check(checkout, temporary, patch.partition("\n")[2] + "\n")
        failed[commit.subject] = done.stdout
        assert done.returncode == bool(done.stdout), done.stdout
    lines = {subject: text.splitlines() for subject, text in failed.items() if text}
    assert [len(each) for each in lines.values()] == [1]
    [(subject, [line])] = lines.items()
    assert "bool" in subject
    assert line.startswith("ERROR: kabicheck: FAILED: 3 exports changed by 1 cause")


def test_a_patch_that_cannot_be_looked_at(checkout: Path, temporary: Path) -> None:
    broken = (checkout / "lib/crc32.c").read_text() + "#error broken\n"
    (checkout / "lib/crc32.c").write_text(broken)
    git(checkout, "-c", "user.name=N", "-c", "user.email=n@example.org", "commit", "--quiet", "-am", "Break")
    done = _check(checkout, temporary, git(checkout, "show", "--format=email", "--patch", "--stat") + "\n")
    assert done.returncode == 2
    [line] = done.stdout.splitlines()
    assert line.startswith("ERROR: kabicheck: error: ")
    assert "(Break) failed" in line


def test_a_patch_on_a_long_history(server: Server, checkout: Path, temporary: Path) -> None:
    """Of so many commits that the list of their ids does not come in one piece; the patch is the first of them."""
    stream = f"reset refs/heads/long\nfrom {server.demo.base}\n\n" + "".join(
        "commit refs/heads/long\ncommitter N <n@example.org> 0 +0000\ndata 0\n"
        f"M 100644 inline README\ndata {len(text)}\n{text}\n"
        for text in map(str, range(200))
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=checkout, input=stream, text=True, check=True)
    git(checkout, "checkout", "--quiet", "--force", "--detach", "long")
    [broken] = [commit for commit in server.demo.commits if "bool" in commit.subject]
    git(checkout, "-c", "user.name=N", "-c", "user.email=n@example.org", "cherry-pick", broken.id)
    done = _check(checkout, temporary, git(checkout, "format-patch", "--stdout", "-1") + "\n")
    assert done.returncode == 1
    [line] = done.stdout.splitlines()
    assert line.startswith("ERROR: kabicheck: FAILED: 3 exports changed by 1 cause")


def test_outside_of_a_repository(tmp_path: Path, temporary: Path) -> None:
    done = _check(tmp_path, temporary, "")
    assert done.returncode
    assert "ERROR: kabicheck: " in done.stdout


def test_a_patch_of_something_else(checkout: Path, temporary: Path) -> None:
    patch = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-x\n+y\n"
    done = _check(checkout, temporary, patch)
    assert (done.returncode, done.stdout) == (
        2,
        "ERROR: kabicheck: none of the last 500 commits is this patch\n",
    )
