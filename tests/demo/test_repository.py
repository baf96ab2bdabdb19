"""The demo's repository: the same for everybody, and nothing of the user's in it."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

from kabicheck.demo.repository import HERE, write_repository
from kabicheck.errors import RepositoryError, UsageError


def test_commit_ids_repeat_whatever_the_user_has_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = write_repository(tmp_path / "plain")
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Somebody\n[commit]\n\tgpgSign = true\n[core]\n\tautocrlf = true\n"
        "[init]\n\tdefaultBranch = trunk\n\ttemplateDir = /nowhere\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    umask = os.umask(0o077)
    try:
        odd = write_repository(tmp_path / "odd")
    finally:
        os.umask(umask)
    assert (odd.base, odd.commits, odd.head) == (plain.base, plain.commits, plain.head)
    assert odd.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert odd.git("status", "--porcelain") == ""


def test_the_series_has_several_authors_and_one_commit_for_each_patch(tmp_path: Path) -> None:
    demo = write_repository(tmp_path)
    assert len({commit.author for commit in demo.commits}) >= 3
    assert demo.commits[-1].id == demo.head
    assert demo.git("rev-list", "--count", f"{demo.base}..HEAD") == str(len(demo.commits))
    assert demo.git("rev-list", "--count", "HEAD") == str(len(demo.commits) + 1)


def test_commits_on_top(tmp_path: Path) -> None:
    demo = write_repository(tmp_path)
    before = demo.head
    changed = demo.read("lib/crc32.c").replace("int bit;", "unsigned int bit;")
    after = demo.commit(
        {"lib/crc32.c": changed, "lib/new/file.c": "int x;\n", "lib/string.c": None},
        "lib: Change, add and remove a file",
        "Ada Example <ada@example.org>",
    )
    assert demo.head == after != before
    assert demo.git("log", "-1", "--format=%an %P") == f"Ada Example {before}"
    assert demo.git("diff", "--name-status", before, after).split("\n") == [
        "M\tlib/crc32.c",
        "A\tlib/new/file.c",
        "D\tlib/string.c",
    ]
    assert demo.git("status", "--porcelain") == ""


def test_a_folder_that_holds_something_is_refused(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("")
    with pytest.raises(UsageError, match="not an empty folder"):
        write_repository(tmp_path)
    with pytest.raises(UsageError, match="not an empty folder"):
        write_repository(tmp_path / "precious")


def test_failures_of_git_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = write_repository(tmp_path / "demo")
    with pytest.raises(RepositoryError, match="git checkout: error: pathspec 'nowhere'"):
        demo.git("checkout", "nowhere")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match="install git"):
        write_repository(tmp_path / "another")


def test_the_wheel_holds_the_whole_tree(tmp_path: Path) -> None:
    """Package data is all or nothing here: one missing header and nothing builds."""
    [wheel] = WheelBuilder(str(Path(__file__).parents[2])).build(
        directory=str(tmp_path), versions=["standard"]
    )
    packed = {name for name in ZipFile(wheel).namelist() if name.startswith("kabicheck/demo/")}
    files = (f for folder in ("tree", "series") for f in (HERE / folder).rglob("*") if f.is_file())
    assert {f"kabicheck/demo/{f.relative_to(HERE).as_posix()}" for f in files} <= packed
