"""How jobs get kabicheck: the scripts before the check. Installing needs a package index."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.ci.gitlab_template import TEMPLATE, Loader
from tests.ci.runner import ROOT, git, run_script
from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from pathlib import Path


def test_github_installs_the_actions_own_checkout(tmp_path: Path) -> None:
    done = run_script("ci/github/install", tmp_path, {"RUNNER_TEMP": str(tmp_path)})
    if done.returncode:
        reason = f"pip cannot install: {done.stdout.strip().splitlines()[-1]}"
        skip_or_fail(reason, done.stdout)
    program = tmp_path / "kabicheck/venv/bin/kabicheck"
    assert subprocess.run([program, "--version"], check=True, capture_output=True).stdout
    assert (tmp_path / "kabicheck/venv/share/man/man1/kabicheck-check.1").is_file()


def test_an_old_python_is_named(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = run_script("ci/github/install", tmp_path, {"RUNNER_TEMP": str(tmp_path), **path})
    assert done.returncode == 2
    assert done.stdout.startswith("::error title=kabicheck::Python 3.11 or newer is needed")


def test_gitlab_clones_kabicheck_anew(tmp_path: Path) -> None:
    """Whatever an earlier job left in its place."""
    if subprocess.run(
        ["git", "rev-parse", "--verify", "HEAD"], cwd=ROOT, capture_output=True, check=False
    ).returncode:
        pytest.skip("not a git checkout")
    server, home = tmp_path / "kabicheck.git", tmp_path / "project/.kabicheck/program"
    git(tmp_path, "clone", "--quiet", "--bare", str(ROOT), str(server))
    git(server, "tag", "v0.1.0", "HEAD")
    lines = yaml.load(TEMPLATE.read_text(), Loader)[".kabicheck-program"]["script"]
    variables = {
        "KABICHECK_HOME": str(home),
        "KABICHECK_REF": "v0.1.0",
        "KABICHECK_REPOSITORY": f"file://{server}",
    }
    for _ in range(2):
        home.mkdir(parents=True, exist_ok=True)
        (home / "left-over").touch()
        for line in lines:
            subprocess.run(["bash", "-ec", line], env={**os.environ, **variables}, check=True, cwd=tmp_path)
        assert (home / "ci/gitlab/check").is_file()
        assert not (home / "left-over").exists()
