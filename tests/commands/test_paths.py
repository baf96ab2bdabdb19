"""Paths that compilers call something else: links, `..`, other alphabets, bytes; and those that kbuild cannot take."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from tests.commands.maker import Maker

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

FORMATS = ("text", "diff", "json", "junit", "sarif", "github", "gitlab", "markdown", "html")
# Letters, and a byte that is none in UTF-8.
FOLDER = "jürgen \udcfc"


@pytest.fixture
def elsewhere(demo: DemoRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's repository by a path with a link, a blank and more, and a cache reached through links and `..`.

    Returns the repository's path.
    """
    cache = tmp_path / "disk" / FOLDER.replace(" ", "-")
    cache.mkdir(parents=True)
    (tmp_path / "disk/below").mkdir()
    (tmp_path / "way").symlink_to("disk/below")
    (tmp_path / "cache").symlink_to(f"way/../{cache.name}")
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "disk/../cache"))
    (tmp_path / FOLDER).mkdir()
    shutil.copytree(demo.path, tmp_path / FOLDER / "linux", symlinks=True)
    (tmp_path / "repository").symlink_to(FOLDER)
    return tmp_path / "repository/linux"


def test_the_same_is_found_by_any_way(
    elsewhere: Path, demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    """Commits, places and what is staged are as those of plain paths; and no report holds a path of this machine."""
    outputs = [f"--output={each}:{tmp_path}/out.{each}" for each in FORMATS]
    run = check("-C", elsewhere, "--base", demo.base, *outputs)
    assert (run.status, run.err) == (1, "")
    text = (tmp_path / "out.text").read_text(encoding="utf-8")
    assert "struct async_domain: member type changed, bit-field changed" in text
    assert "include/linux/async.h:16" in text
    assert f"changed by {demo.commits[1].id[:7]} async: Make async_domain::registered a bool" in text
    assert "(Tomás Arce, verified)" in text
    for each in FORMATS:
        content = (tmp_path / f"out.{each}").read_bytes().decode("utf-8")
        assert not [part for part in ("jürgen", "Ã", "disk/") if part in content], each
    sarif = json.loads((tmp_path / "out.sarif").read_bytes())
    places = [
        result["locations"][0]["physicalLocation"]["artifactLocation"]
        for result in sarif["runs"][0]["results"]
    ]
    assert {"uri": "include/linux/async.h", "uriBaseId": "SRCROOT"} in places

    for unchanged in ("/* a comment */\n", ""):
        source = elsewhere / "lib/string.c"
        source.write_text(source.read_text().replace("EXPORT_SYMBOL(strlen);\n", unchanged))
        subprocess.run(["git", "add", "lib/string.c"], cwd=elsewhere, check=True)
    run = check("-C", elsewhere, "--staged")
    assert (run.status, run.verdict) == (1, "FAILED: 1 export removed")
    assert "strlen: removed" in run.out


def test_what_kbuild_cannot_take_is_refused(
    demo: DemoRepository,
    check: Callable[..., Run],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """By the path that a link leads to, before anything is made; a hook that has nothing to build goes on."""
    (tmp_path / "a b#c").mkdir()
    (tmp_path / "link").symlink_to("a b#c")
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "link/cache"))
    error = check("--base", demo.base).error
    assert "a b#c/cache/repositories" in error
    assert "make does not take ' ' '#' in a path (set KABICHECK_CACHE" in error
    assert not list((tmp_path / "a b#c").rglob("*.log"))
    assert main(["build"]) == 2
    assert check("--staged").notes == ["nothing was built: what is staged is what the commit holds"]
    capsys.readouterr()
    assert main(["doctor"]) == 2
    said = capsys.readouterr().out
    assert f"ok       {tmp_path}/link/cache leads to {tmp_path.resolve()}/a b#c/cache\n" in said
    assert (
        f"missing  {tmp_path.resolve()}/a b#c/cache: make does not take ' ' '#' in a path; set KABI" in said
    )


def test_a_header_whose_name_is_no_text(
    elsewhere: Path, demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    """The bytes of a name in debugging information are those in git's trees."""
    header = elsewhere / "include/linux/größe\udcff.h"
    header.write_text("struct size {\n\tint old;\n};\n")
    source = elsewhere / "lib/string.c"
    with source.open("ab") as file:
        file.write(b"#include <linux/gr\xc3\xb6\xc3\x9fe\xff.h>\nint grow(struct size *of);\n")
        file.write(b"int grow(struct size *of) { return !of; }\nEXPORT_SYMBOL(grow);\n")

    def commit(message: str) -> None:
        subprocess.run(["git", "add", "--all"], cwd=elsewhere, check=True)
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qm", message],
            cwd=elsewhere,
            check=True,
        )

    commit("Add a size")
    header.write_text("struct size {\n\tlong old;\n};\n")
    commit("Widen it")
    outputs = [f"--output={each}:{tmp_path}/out.{each}" for each in FORMATS]
    assert check("-C", elsewhere, "--base", "HEAD~1", *outputs, "lib/").status == 1
    text = (tmp_path / "out.text").read_text(encoding="utf-8")
    assert "include/linux/größe\\xff.h:1" in text
    assert "Widen it (A, verified)" in text
    for each in FORMATS:
        (tmp_path / f"out.{each}").read_bytes().decode("utf-8")


def test_places_in_ready_made_objects_are_the_trees(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    """Wherever they were built: beside the tree, or with -fdebug-prefix-map, which makes folders relative."""
    maker = Maker(demo, tmp_path / "made")
    maker.folder.mkdir()
    for name in ("src", "out"):
        (maker.folder / name).mkdir()
    builds = [
        maker.build(demo.base, "kernel/"),
        maker.build(demo.commits[-1].id, "kernel/", f"KCFLAGS=-fdebug-prefix-map={tmp_path}/made=built"),
    ]
    run = check(
        "--base-objects", builds[0], "--head-objects", builds[1], "-o", "text", "-o", f"json:{tmp_path}/json"
    )
    assert run.status == 1
    assert "async_domain: member type changed, bit-field changed" in run.out
    assert "include/linux/async.h:16" in run.out
    assert str(tmp_path / "made/src") not in (tmp_path / "json").read_text()
    assert "built/src" not in (tmp_path / "json").read_text()
