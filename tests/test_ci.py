"""ci/demo and ci/test on a machine that lacks something: one line that says what, and status 2. What is quick."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slow import SLOW

ROOT = Path(__file__).parents[1]
OLD_PYTHON = '#!/bin/sh\n[ "$1" = -V ] && { echo Python 3.9.2; exit 0; }\nexit 1\n'
PYTHON_WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; esac\nexit 0\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder for PATH with the shell's own tools, git, gcc and make."""
    for tool in ("sh", "dirname", "cat", "head", "tr", "git", "gcc", "make"):
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    return tmp_path


def _complaint(machine: Path, script: str, python: str = "") -> str:
    """What the script prints in the one line before it ends with status 2."""
    if python:
        (machine / "python3").write_text(python)
        (machine / "python3").chmod(0o755)
    environment = {"PATH": str(machine), "KABICHECK_VENV": str(machine / "venv")}
    done = subprocess.run(
        [str(ROOT / "ci" / script)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert not (machine / "venv").exists()
    [line] = done.stderr.splitlines()
    return line


@pytest.mark.parametrize("script", ["demo", "test"])
def test_missing_tools_are_named_together(machine: Path, script: str) -> None:
    (machine / "git").unlink()
    (machine / "make").unlink()
    assert _complaint(machine, script) == f"{script}: missing: git, make (Debian: apt-get install git make)"


@pytest.mark.parametrize("script", ["demo", "test"])
def test_python_that_is_absent_or_too_old(machine: Path, script: str) -> None:
    wanted = f"{script}: missing: Python 3.11 or newer"
    assert _complaint(machine, script) == f"{wanted} (python3 is absent)"
    assert _complaint(machine, script, OLD_PYTHON) == f"{wanted} (python3 is Python 3.9.2)"


def test_python_without_its_venv_module(machine: Path) -> None:
    line = _complaint(machine, "test", PYTHON_WITHOUT_VENV)
    assert line == "test: missing: the venv module of python3 (Debian: apt-get install python3-venv)"


def test_what_is_listed_as_slow_is_there() -> None:
    for listed in SLOW:
        name, _, test = listed.partition("::")
        place = ROOT / name
        assert place.is_dir() if name.endswith("/") else place.is_file(), listed
        assert not test or f"def {test}" in place.read_text(), listed


def test_slow_tests_can_be_left_out() -> None:
    """Those of a file that is listed, and those with random examples beside others."""
    names = ["tests/test_ci.py", "tests/test_man_pages.py", "tests/compare/test_difference.py"]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "not slow", *names]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {line.partition("[")[0] for line in done.stdout.splitlines()}
    assert "tests/test_ci.py::test_slow_tests_can_be_left_out" in found
    assert "tests/compare/test_difference.py::test_long_chains_need_no_recursion" in found
    assert "tests/compare/test_difference.py::test_nothing_differs_from_itself" not in found
    assert not any(test.startswith("tests/test_man_pages.py") for test in found)
