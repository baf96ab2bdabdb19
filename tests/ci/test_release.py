"""ci/release in a repository of its own: what it makes, and each disagreement at which it stops."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest

from kabicheck import __version__
from tests.ci.runner import ROOT, git
from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARCHIVE, WHEEL = f"kabicheck-{__version__}.tar.gz", f"kabicheck-{__version__}-py3-none-any.whl"
LACKING = 2


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds the files of this checkout as a release: the changelog has a date, the commit a tag."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    folder = tmp_path_factory.mktemp("released") / "kabicheck"
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    changelog = folder / "CHANGELOG.md"
    changelog.write_text(
        re.sub("^## .*", f"## {__version__} (2026-01-31)", changelog.read_text(), count=1, flags=re.M)
    )
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "Ada Lind")
    git(folder, "config", "user.email", "ada@example.org")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "-m", "Release")
    git(folder, "tag", f"v{__version__}")
    return folder


@pytest.fixture
def release(released: Path, tmp_path: Path) -> Path:
    """A clone of it."""
    git(tmp_path, "clone", "--quiet", str(released), "kabicheck")
    folder = tmp_path / "kabicheck"
    git(folder, "config", "user.name", "Ada Lind")
    git(folder, "config", "user.email", "ada@example.org")
    return folder


def _run(release: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The script, with the interpreter that runs the tests for the one that it would install."""
    venv = release.parent / "venv"
    if not venv.exists():
        (venv / "bin").mkdir(parents=True)
        (venv / "bin/python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (venv / "bin/python").chmod(0o755)
    (venv / "installed-dev").write_text(f"{release} {(release / 'pyproject.toml').read_text()}")
    return subprocess.run(
        [release / "ci/release", *arguments],
        cwd=release.parent,
        env={**os.environ, "KABICHECK_VENV": str(venv), "TMPDIR": str(release.parent)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_archive_and_wheel_are_made_and_tried(release: Path) -> None:
    done = _run(release, "made")
    if done.returncode == LACKING:
        skip_or_fail(f"the wheel cannot be installed: {done.stderr.strip().splitlines()[-1]}", done.stderr)
    assert done.returncode == 0, done.stderr
    made = release.parent / "made"
    assert {path.name for path in made.iterdir()} == {ARCHIVE, WHEEL}
    assert [line.split()[1] for line in done.stdout.splitlines()] == [ARCHIVE, WHEEL]
    with tarfile.open(made / ARCHIVE) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    tracked = set(git(release, "ls-files").splitlines())
    assert {name for name in tracked if not name.startswith(".")} <= names, "all that is needed to work on it"
    with zipfile.ZipFile(made / WHEEL) as wheel:
        assert any(name.startswith("kabicheck/demo/tree/") for name in wheel.namelist())
    assert git(release, "status", "--porcelain") == "", "the tree is as it was"
    assert not list(release.parent.glob("tmp.*")), "nothing is left behind"


def _untracked(release: Path) -> None:
    (release / "kabicheck/new.py").touch()


def _hostile(release: Path) -> None:
    (release / "kabicheck/\x1b[31m.py").touch()


def _edited(release: Path) -> None:
    with (release / "README.md").open("a") as file:
        file.write("more\n")


def _unreleased(release: Path) -> None:
    _commit(release, "CHANGELOG.md", " (2026-01-31)", " (unreleased)")


def _other_heading(release: Path) -> None:
    _commit(release, "CHANGELOG.md", f"## {__version__} ", "## 9.8.7 ")


def _other_version(release: Path) -> None:
    _commit(release, "kabicheck/__init__.py", f'"{__version__}"', '"9.8.7"')


def _untagged(release: Path) -> None:
    git(release, "tag", "--delete", f"v{__version__}")


def _other_tag(release: Path) -> None:
    _untagged(release)
    git(release, "tag", "v9.8.7")


def _two_tags(release: Path) -> None:
    git(release, "tag", "v9.8.7")


def _tag_elsewhere(release: Path) -> None:
    git(release, "commit", "--quiet", "--allow-empty", "-m", "One more")


def _commit(release: Path, name: str, old: str, new: str) -> None:
    """Change one place of a file, in a commit that has the tag."""
    text = (release / name).read_text()
    assert old in text
    (release / name).write_text(text.replace(old, new, 1))
    git(release, "commit", "--quiet", "--all", "-m", "Change it")
    git(release, "tag", "--force", f"v{__version__}")


@pytest.mark.parametrize(
    ("disagree", "said"),
    [
        (_untracked, "files differ from the commit: kabicheck/new.py"),
        (_hostile, 'files differ from the commit: "kabicheck/\\033[31m.py"'),
        (_edited, "files differ from the commit: README.md"),
        (_unreleased, f"newest heading of CHANGELOG.md '{__version__} (unreleased)'"),
        (_other_heading, "newest heading of CHANGELOG.md '9.8.7 (2026-01-31)'"),
        (_other_version, "kabicheck/__init__.py says 9.8.7, and the newest heading"),
        (_untagged, f"the tags of this commit are: none (git tag -a v{__version__})"),
        (_other_tag, f"the tags of this commit are: v9.8.7 (git tag -a v{__version__})"),
        (_two_tags, f"are: v{__version__} v9.8.7 (v{__version__} is the tag of "),
        (_tag_elsewhere, f"the tags of this commit are: none (v{__version__} is the tag of "),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_it_stops_where_something_disagrees(
    release: Path, disagree: Callable[[Path], None], said: str
) -> None:
    disagree(release)
    done = _run(release)
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("release: ")
    assert said in line
    assert not (release / "dist").exists()
