"""What `kabicheck check` says when it cannot answer: one line of its own each, status 2, no traceback."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run


def test_no_repository(check: Callable[..., Run], tmp_path: Path) -> None:
    assert check("-C", tmp_path).error == f"{tmp_path}: not inside a git repository (give -C DIR)"
    assert "not inside a git repository" in check("-C", tmp_path / "none").error


@pytest.mark.parametrize(
    "ref", ["no-such-branch", "HEAD~1000", "0" * 40, "-x", "a..b", "HEAD:lib", "\x1b[1m\nx"]
)
def test_unknown_refs(demo: DemoRepository, check: Callable[..., Run], ref: str) -> None:
    for option in ("--base", "--head"):
        error = check(f"{option}={ref}").error
        assert "no commit" in error
        assert error.isprintable()


def test_no_commit_yet(check: Callable[..., Run], demo: DemoRepository, tmp_path: Path) -> None:
    demo.git("init", "--quiet", str(tmp_path / "empty"))
    assert "there is no commit yet" in check("-C", tmp_path / "empty").error


def test_no_common_ancestor(demo: DemoRepository, check: Callable[..., Run]) -> None:
    tree = demo.git("rev-parse", "HEAD^{tree}")
    orphan = demo.git("commit-tree", tree, "-m", "Start again")
    error = check("--base", orphan).error
    assert error == f"{orphan} and HEAD have no common ancestor here (give --base COMMIT of this history)"


def test_nothing_to_compare_with(demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    demo.git("clone", "--quiet", "--bare", ".", str(copy))
    demo.git("--git-dir", str(copy), "branch", "--quiet", "--move", "main", "topic")
    assert check("-C", copy).error.endswith("to compare with (give --base REF)")


def test_a_shallow_clone(demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> None:
    demo.git("clone", "--quiet", "--depth=2", f"file://{demo.path}", str(tmp_path / "clone"))
    error = check("-C", tmp_path / "clone", "--base", demo.base).error
    assert error.endswith(f"no commit {demo.base} in this shallow clone (git fetch --unshallow)")


def test_nothing_is_exported(demo: DemoRepository, check: Callable[..., Run]) -> None:
    files = [f"lib/{name}" for name in ("crc32.c", "kobject.c", "string.c", "string_helpers.c")]
    demo.commit({file: re.sub(r"EXPORT_SYMBOL.*\n", "", demo.read(file)) for file in files}, "Export nothing")
    demo.commit({"README": "x"}, "Say nothing")
    error = check("--base", "HEAD~1", "lib/").error
    assert error == "lib/: nothing that was built exports a symbol (other targets, or another --config)"


def test_no_debug_information(demo: DemoRepository, check: Callable[..., Run]) -> None:
    makefile = demo.read("Makefile").replace("KBUILD_CFLAGS\t+= -g ", "KBUILD_CFLAGS\t+= -g0 ")
    demo.commit({"Makefile": makefile}, "Build without debug information")
    error = check("--base", "HEAD~1", "lib/").error
    assert re.fullmatch(r"\S+: no debug information \(build with CONFIG_DEBUG_INFO .*\)", error)


def failed(run: Run) -> tuple[str, list[str], Path]:
    """A failed build: what is said, the compiler's own lines, the log."""
    assert (run.status, run.out) == (2, ""), run
    first, *lines, last = run.err.splitlines()
    assert all(line.startswith("  ") for line in lines)
    return first, lines, Path(last.removeprefix("  whole log: "))


def test_a_commit_that_does_not_build(demo: DemoRepository, check: Callable[..., Run]) -> None:
    broken = demo.read("lib/kobject.c") + "\nint broken(void)\n{\n\treturn nothing_of_this_name;\n}\n"
    commit = demo.commit({"lib/kobject.c": broken}, "Break it")
    first, lines, log = failed(check("--base", "HEAD~1"))
    assert first == f"kabicheck: error: building commit {commit[:7]} (Break it) failed"
    assert any(
        re.search(r"^  (?:\S*/)?lib/kobject\.c:\d+:\d+: error: .nothing_of_this_name. undeclared", s)
        for s in lines
    )
    assert "nothing_of_this_name" in log.read_text()
    demo.commit({"lib/kobject.c": demo.read("lib/kobject.c").replace("nothing_of_this_name", "0")}, "Mend it")
    assert check("--base", "HEAD~2").status == 0
    assert failed(check("--base", "HEAD~1"))[0] == first, "as a base, too"


def test_a_tree_that_is_no_kernel(demo: DemoRepository, check: Callable[..., Run]) -> None:
    demo.git("rm", "--quiet", "-r", ".")
    demo.commit({"README": "x"}, "Delete everything")
    first, _, log = failed(check("--base", "HEAD~1"))
    assert first.startswith("kabicheck: error: make defconfig of commit ")
    assert log.is_file()


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("gcc", "gcc is not on this host (install the package gcc)"),
        ("make", "make is not on this host (install the package make)"),
        ("ld", "ld is not on this host (install the package binutils)"),
    ],
)
def test_tools_that_the_host_lacks(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    missing: str, message: str,
) -> None:  # fmt: skip
    for tool in {"gcc", "make", "ld", "sh", "git"} - {missing}:
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check("--base", demo.base).error == message


def test_a_cross_compiler_that_the_host_lacks(demo: DemoRepository, check: Callable[..., Run]) -> None:
    error = check("--base", demo.base, "--arch", "mips", "--cross-compile", "mips64-linux-gnu-").error
    assert error.startswith("mips64-linux-gnu-gcc is not on this host")


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        (("--config", "no/such/file"), "no such file"),
        (("--config", "nothing"), "not a configuration target"),
        (("--config", "lib"), "not a configuration target"),
        (("--fragment", "no/such/file"), "No such file or directory"),
        (("-j", "-1"), "not a number of processes"),
        (("-j", "1000000"), "not a number of processes"),
        (("../lib/",), "not a build target"),
        (("-o", "junit:/dev/null/report.xml"), "/dev/null/report.xml: cannot be written"),
    ],
    ids=str,
)
def test_options(
    demo: DemoRepository, check: Callable[..., Run], option: tuple[str, ...], complaint: str
) -> None:
    assert complaint in check("--base", demo.base, *option).error


def test_a_cache_that_cannot_be_used(
    demo: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "file"))
    assert "the cache cannot be used" in check("--base", demo.base).error
