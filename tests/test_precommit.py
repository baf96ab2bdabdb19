"""pre-commit on this repository, and this repository's hook in another one. Both install tools from PyPI."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kabicheck.demo.repository import write_repository

ROOT = Path(__file__).parents[1]
PRE_COMMIT = [sys.executable, "-m", "pre_commit"]


def _run(*command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _cannot_install(output: str) -> None:
    reason = f"pre-commit cannot install its tools: {output.strip().splitlines()[-1]}"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}\n{output}")
    pytest.skip(reason)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of this repository's last commit, since fixers change files."""
    if _run("git", "rev-parse", "--verify", "HEAD", cwd=ROOT).returncode:
        pytest.skip("not a git checkout")
    folder = tmp_path / "kabicheck"
    cloned = _run("git", "clone", "--quiet", str(ROOT), str(folder), cwd=ROOT)
    assert cloned.returncode == 0, cloned.stdout
    return folder


def test_our_files_are_valid() -> None:
    for validate, file in (
        ("validate-config", ".pre-commit-config.yaml"),
        ("validate-manifest", ".pre-commit-hooks.yaml"),
    ):
        done = _run(*PRE_COMMIT, validate, file, cwd=ROOT)
        assert done.returncode == 0, done.stdout


def test_hooks_and_ci_have_the_same_opinion() -> None:
    """The tools of the hooks are those of the extra `dev`, and mypy knows the types of all that the program imports."""
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = [need for need in project["optional-dependencies"]["dev"] if "==" in need]
    assert pinned
    imported = [
        need.partition(">=")[0] for need in project["dependencies"] if not need.startswith("pre-commit")
    ]
    assert [need for need in (*pinned, *imported) if need not in hooks] == []


def test_our_own_hooks_pass(clone: Path) -> None:
    installed = _run(*PRE_COMMIT, "install-hooks", cwd=clone)
    if installed.returncode:
        _cannot_install(installed.stdout)
    done = _run(*PRE_COMMIT, "run", "--all-files", "--show-diff-on-failure", cwd=clone)
    assert done.returncode == 0, done.stdout
    assert "Skipped" not in done.stdout, "a hook that looks at no file"


def test_our_hook_in_another_repository(clone: Path, tmp_path: Path) -> None:
    demo = write_repository(tmp_path / "linux")
    demo.git("checkout", "--quiet", "-b", "topic")
    demo.git("branch", "--quiet", "--force", "main", demo.base)

    def run_hook(to: str) -> subprocess.CompletedProcess[str]:
        demo.git("reset", "--quiet", "--hard", to)
        command = ("try-repo", str(clone), "kabicheck", "--hook-stage", "pre-push")
        refs = ("--from-ref", demo.base, "--to-ref", to)
        return _run(*PRE_COMMIT, *command, *refs, cwd=demo.path, KABICHECK_CACHE=str(tmp_path / "cache"))

    changed = run_hook(demo.commits[-1].id)
    if "An unexpected error has occurred" in changed.stdout:
        _cannot_install(changed.stdout)
    assert changed.returncode == 1, changed.stdout
    assert "- exit code: 1" in changed.stdout
    assert "struct async_domain" in changed.stdout
    comment = run_hook(demo.commits[0].id)
    assert comment.returncode == 0, comment.stdout
    assert "Passed" in comment.stdout
