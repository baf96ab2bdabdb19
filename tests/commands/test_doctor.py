"""`kabicheck doctor`: a line for each need, and status 2 where one is not met."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.demo.repository import DemoRepository, write_repository
from kabicheck.pipeline import diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Diagnosis = tuple[int, dict[str, list[str]]]  # the status, and the lines of each state


@pytest.fixture
def linux(tmp_path: Path) -> DemoRepository:
    return write_repository(tmp_path / "linux")


@pytest.fixture
def diagnose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], Diagnosis]:
    """Run it for a folder."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))

    def run(folder: Path) -> Diagnosis:
        status = main(["doctor", "-C", str(folder)])
        lines: dict[str, list[str]] = {"ok": [], "missing": [], "hint": []}
        for line in capsys.readouterr().out.splitlines():
            state, _, words = line.partition(" ")
            lines[state].append(words.strip())
        return status, lines

    return run


@pytest.fixture
def few_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with all that the demo's tree needs, so that a test can take something away."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for tool in ("make", "gcc", "ld", "as"):
        (folder / tool).symlink_to(str(shutil.which(tool)))
    monkeypatch.setenv("PATH", str(folder))
    return folder


def test_nothing_is_missing(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis], few_tools: Path
) -> None:
    status, lines = diagnose(linux.path / "lib")
    assert (status, lines["missing"]) == (0, [])
    assert [words.partition(":")[0] for words in lines["ok"]][2:6] == ["make", "gcc", "ld", "stdio.h"]
    assert any("kabicheck init writes one" in words for words in lines["hint"])
    assert any("ccache" in words for words in lines["hint"])


def test_what_else_makes_a_build(
    linux: DemoRepository,
    diagnose: Callable[[Path], Diagnosis],
    few_tools: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whether compilers are called through ccache, and what of the environment no build sees."""
    (few_tools / "ccache").symlink_to("gcc")
    assert any("switched off by CCACHE_DISABLE" in words for words in diagnose(linux.path)[1]["hint"])
    monkeypatch.delenv("CCACHE_DISABLE")
    monkeypatch.setenv("KCFLAGS", "-g0")
    monkeypatch.setenv("CPATH", "/nowhere")
    status, lines = diagnose(linux.path)
    assert status == 0
    assert "ccache: used in a folder of its own, with settings of its own that are exact" in lines["ok"]
    [seen] = [words for words in lines["hint"] if words.startswith("no build sees")]
    assert {"CPATH", "KCFLAGS"} <= set(seen.rpartition(": ")[2].split(", "))


def test_a_missing_program_is_named_with_its_package(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis], few_tools: Path
) -> None:
    (few_tools / "ld").unlink()
    (linux.path / "kernel/time").mkdir()
    (linux.path / "kernel/time/timeconst.bc").touch()
    status, lines = diagnose(linux.path)
    assert status == 2
    assert lines["missing"] == [
        "ld, for every build: install the package binutils",
        "bc, for kernel/time/timeconst.bc: install the package bc",
    ]


def test_the_settings_say_which_compiler(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis], few_tools: Path
) -> None:
    (linux.path / "kabicheck.toml").write_text('[check]\nllvm = "-99"\n')
    status, lines = diagnose(linux.path)
    assert status == 2
    assert [words.partition(",")[0] for words in lines["missing"]] == ["clang-99", "ld.lld-99", "stdio.h"]


def test_settings_that_cannot_be_read(linux: DemoRepository, diagnose: Callable[[Path], Diagnosis]) -> None:
    (linux.path / "kabicheck.toml").write_text("[check]\njobs = true\n")
    status, lines = diagnose(linux.path)
    assert status == 2
    assert "check.jobs must be" in lines["missing"][0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[check]\nconfig = "configs/none.config"', "no such file"),
        ('[check]\noutput = ["pdf"]', "no such output format"),
        ('[policy]\nstablelists = ["kabi/none"]', "kabi/none"),
        ('[severity]\nno-rule = "ignore"', "there is no rule no-rule"),
        ('kabi = "none.toml"', "none.toml"),
    ],
)
def test_settings_that_no_check_would_take(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis], text: str, problem: str
) -> None:
    (linux.path / "kabicheck.toml").write_text(f"{text}\n")
    status, lines = diagnose(linux.path)
    assert status == 2
    assert problem in lines["missing"][0]


def test_options_that_are_switched_for_the_build(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis]
) -> None:
    (linux.path / ".config").write_text("CONFIG_DEBUG_INFO_REDUCED=y\n")
    (linux.path / "kabicheck.toml").write_text('[check]\nconfig = ".config"\n')
    _, lines = diagnose(linux.path)
    assert any(words.endswith("builds with DEBUG_INFO_REDUCED=n") for words in lines["hint"])


def test_outside_of_a_repository_and_of_a_kernel(
    tmp_path: Path, diagnose: Callable[[Path], Diagnosis]
) -> None:
    _, lines = diagnose(tmp_path)
    assert "not in a git repository" in lines["hint"][0]
    named = {
        words.partition(":")[0].partition(",")[0] for state in ("ok", "missing") for words in lines[state]
    }
    assert {"flex", "bison", "bc", "gelf.h"} <= named
    subprocess.run(["git", "init", "--quiet", tmp_path / "other"], check=True)
    _, lines = diagnose(tmp_path / "other")
    assert any("not a kernel's tree" in words for words in lines["hint"])


def test_a_folder_that_is_not_there(
    tmp_path: Path, diagnose: Callable[[Path], Diagnosis], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "-C", str(tmp_path / "absent")]) == 2
    assert capsys.readouterr().err == f"kabicheck: error: {tmp_path}/absent: not a folder\n"


def test_a_kernel_without_a_repository(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis], few_tools: Path
) -> None:
    shutil.rmtree(linux.path / ".git")
    status, lines = diagnose(linux.path)
    assert (status, lines["missing"]) == (0, [])
    assert not any("not a kernel's tree" in words for words in lines["hint"])


def test_a_shallow_clone_is_told_how_to_get_more(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis], tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    linux.git("clone", "--quiet", "--depth=1", f"file://{linux.path}", str(shallow))
    _, lines = diagnose(shallow)
    assert "commits may be missing: git fetch --unshallow" in lines["hint"]


def test_a_repository_that_cannot_be_read(
    linux: DemoRepository, diagnose: Callable[[Path], Diagnosis]
) -> None:
    (linux.path / ".git/config").write_text("[core\n")
    status, lines = diagnose(linux.path)
    assert status == 2
    assert str(linux.path) in lines["missing"][0]


def test_room_in_the_cache_folder(
    linux: DemoRepository,
    diagnose: Callable[[Path], Diagnosis],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diagnosis, "LEAST", 1 << 60)
    status, lines = diagnose(linux.path)
    assert status == 2
    assert lines["missing"][-1].endswith("set KABICHECK_CACHE to a folder with more")
    assert not (tmp_path / "cache").exists(), "it only looks"
    (tmp_path / "cache").write_text("a file")
    _, lines = diagnose(linux.path)
    assert "cannot be written" in lines["missing"][-1]
