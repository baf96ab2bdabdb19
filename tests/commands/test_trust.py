"""What a stranger's kabicheck.toml may not do: write, read or run anything beyond its tree."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.demo.repository import DemoRepository, write_repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Run

SECRET = "secret = 'of mine'\n"


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> DemoRepository:
    """A repository whose every test leaves what it commits, and checks ready-made objects: nothing is built."""
    return write_repository(tmp_path_factory.mktemp("strangers") / "home" / "linux")


@pytest.fixture
def tree(strangers: DemoRepository, plain: None, monkeypatch: pytest.MonkeyPatch) -> DemoRepository:
    """The work tree, with a file of mine beside it, and nothing else in it that was not committed."""
    strangers.git("reset", "--quiet", "--hard", strangers.commits[-1].id)
    strangers.git("clean", "--quiet", "-ffdx")
    (strangers.path.parent / ".bashrc").write_text(SECRET)
    monkeypatch.chdir(strangers.path)
    monkeypatch.setenv("KABICHECK_CACHE", str(strangers.path.parent.parent / "cache"))
    return strangers


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but what git itself renews."""
    return {
        str(path): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if path.name != "index" and "objects" not in path.parts
    }


@pytest.mark.parametrize(
    "file", ["config", "HEAD", "hooks/pre-receive", "refs/heads/x", "../.bashrc", "/etc/x", "-"]
)
@pytest.mark.parametrize("kind", ["text", "junit"])
def test_a_commit_names_no_reports(
    tree: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch, file: str, kind: str
) -> None:
    bare = tree.path.parent / "bare.git"
    tree.commit({"kabicheck.toml": f'[check]\noutput = ["{kind}:{file}"]\n'}, "'; touch pwned; '")
    tree.git("clone", "--quiet", "--bare", str(tree.path), str(bare))
    monkeypatch.chdir(bare)
    before = contents(tree.path.parent)
    error = check("--base", tree.base, "lib/").error
    assert error == (
        f"{tree.head[:7]}:kabicheck.toml: check.output: the file of a commit names no reports "
        "(-o FORMAT:FILE names them)"
    )
    assert contents(tree.path.parent) == before
    subprocess.run(["rm", "-r", str(bare)], check=True)


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("../.bashrc", "is not below"),
        ("a/../../.bashrc", "is not below"),
        ("/tmp/x", "is not below"),
        (".git/hooks/pre-push", "hidden files"),
        (".GIT/config", "hidden files"),
        (".bashrc", "hidden files"),
        ("GNUmakefile", "make would run it"),
        ("lib/crc32.c", "git tracks lib/crc32.c"),
        ("lib/crc32.c/x", "git tracks lib/crc32.c"),
        ("staged", "git tracks staged"),
        ("out/report", "git tracks out"),
        ("mine/report", "mine is a symbolic link"),
        ("inner/report", "inner is a repository of its own"),
        ("bare/hooks/update", "bare is a repository of its own"),
        ("lib", "lib is no regular file"),
        ("hooks/post-merge", "where git keeps its own files"),
    ],
)
def test_a_work_tree_names_only_new_files_below_its_root(
    tree: DemoRepository, check: Callable[..., Run], file: str, said: str
) -> None:
    (tree.path / "out").symlink_to("..")
    (tree.path / "staged").write_text("")
    (tree.path / "mine").symlink_to("..") if file.startswith("mine") else None
    tree.git("add", "--force", "out")
    tree.commit(
        {"kabicheck.toml": f'[check]\nbase = "{tree.base}"\noutput = ["text:{file}"]\n'}, "$(touch pwned)"
    )
    tree.git("add", "staged")
    (tree.path / "out").unlink()
    tree.git("init", "--quiet", "inner")
    tree.git("init", "--quiet", "--bare", "bare")
    tree.git("config", "core.hooksPath", "hooks")
    before = contents(tree.path.parent)
    error = check("lib/").error
    assert f"kabicheck.toml: check.output: {file}" in error
    assert said in error
    assert contents(tree.path.parent) == before
    # What the command line replaces harms nobody.
    assert check("-o", "text", "lib/").status == 0


@pytest.mark.parametrize(
    "kind", [("update-index", "--split-index"), ("sparse-checkout", "set", "--sparse-index", "lib")]
)
def test_what_is_tracked_is_known_in_every_kind_of_index(
    tree: DemoRepository, check: Callable[..., Run], kind: tuple[str, ...]
) -> None:
    (tree.path / "lib/staged").write_text("")
    tree.git("add", "lib/staged")
    tree.git(*kind)
    for file in ("lib/staged", "kernel/async.c"):
        (tree.path / "kabicheck.toml").write_text(
            f'[check]\nbase = "{tree.base}"\noutput = ["text:{file}"]\n'
        )
        assert f"git tracks {file}" in check("lib/").error
    (tree.path / "kabicheck.toml").write_text(f'[check]\nbase = "{tree.base}"\noutput = ["text:lib/new"]\n')
    assert check("lib/").status == 0
    tree.git("update-index", "--no-split-index")
    tree.git("sparse-checkout", "disable")


def test_a_report_is_written_below_the_root_alone(
    tree: DemoRepository, check: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder within, over an older report; a linked worktree's `.git` is a file."""
    (tree.path / "kabicheck.toml").write_text(
        f'[check]\nbase = "{tree.base}"\noutput = ["text:out/new/report"]\n'
    )
    monkeypatch.chdir(tree.path / "lib")
    for _ in range(2):
        assert check("lib/").status == 0
    assert (tree.path / "out/new/report").read_text().endswith("OK: 11 exports compared, none changed\n")
    linked = tree.path.parent / "linked"
    tree.git("worktree", "add", "--quiet", "--detach", str(linked))
    (linked / "kabicheck.toml").write_text('[check]\noutput = ["text:.git"]\n')
    assert "hidden files" in check("-C", linked, "--base", tree.base, "lib/").error
    tree.git("worktree", "remove", "--force", str(linked))


@pytest.mark.parametrize(
    "lines",
    [
        '[check]\nconfig = "../.bashrc"',
        '[check]\nconfig = "/etc/passwd"',
        '[check]\nfragments = ["out/.bashrc"]',
        '[check]\nfragments = [".git/config"]',
        '[policy]\nseverities = ["out/.bashrc"]',
        '[policy]\nstablelists = ["lib/../../.bashrc"]',
        '[policy]\nstablelists = ["secret"]',
        'kabi = "out/.bashrc"',
    ],
)
def test_nothing_is_read_that_is_not_the_trees(
    tree: DemoRepository, check: Callable[..., Run], lines: str
) -> None:
    (tree.path / "out").symlink_to("..")
    (tree.path / "secret").symlink_to("../.bashrc")
    (tree.path / "kabicheck.toml").write_text(lines + "\n")
    run = check("--base", tree.base, "lib/")
    assert "leads out of" in run.error
    assert "of mine" not in run.error
    assert main(["doctor"]) == 2


def test_a_link_within_the_tree_is_read(tree: DemoRepository, check: Callable[..., Run]) -> None:
    (tree.path / "kabi").mkdir()
    (tree.path / "kabi/list").write_text("crc32_le\n")
    (tree.path / "list").symlink_to("kabi/list")
    (tree.path / "kabicheck.toml").write_text('[policy]\nstablelists = ["list"]\n')
    assert check("--base", tree.base, "lib/").status == 0


def test_a_file_that_is_a_link_out_is_not_read(tree: DemoRepository, check: Callable[..., Run]) -> None:
    (tree.path / "kabicheck.toml").symlink_to("../.bashrc")
    run = check("--base", tree.base, "lib/")
    assert "kabicheck.toml: leads out of the tree" in run.error
    assert "secret" not in run.error
    assert main(["init", "--force"]) == 2
    assert (tree.path.parent / ".bashrc").read_text() == SECRET


def test_paths_in_a_commit_stay_in_it(tree: DemoRepository, check: Callable[..., Run]) -> None:
    """A tree can hold an entry `..`, which no checkout would make, and a link."""
    bare = tree.path.parent / "bare.git"
    blob = tree.git("hash-object", "-w", "lib/crc32.c").strip()
    inner = b"100644 up\0" + bytes.fromhex(blob)
    inside = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        input=inner,
        cwd=tree.path,
        capture_output=True,
        check=True,
    ).stdout.decode()
    files = b""
    toml = tree.path.parent / "toml"
    toml.write_text('[policy]\nseverities = ["../up"]\n')
    settings = tree.git("hash-object", "-w", str(toml)).strip()
    files = (
        b"40000 ..\0" + bytes.fromhex(inside.strip()) + b"100644 kabicheck.toml\0" + bytes.fromhex(settings)
    )
    outer = subprocess.run(
        ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"],
        input=files,
        cwd=tree.path,
        capture_output=True,
        check=True,
    ).stdout.decode()
    head = tree.git("commit-tree", "-p", tree.base, "-m", "x", outer.strip()).strip()
    tree.git("update-ref", "refs/heads/evil", head)
    tree.git("clone", "--quiet", "--bare", str(tree.path), str(bare))
    error = check("-C", bare, "--base", tree.base, "--head", "evil").error
    assert "policy.severities: ../up leads out of the tree" in error
    subprocess.run(["rm", "-r", str(bare)], check=True)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('cross_compile = "./evil/"', "cross_compile"),
        ('cross_compile = "/tmp/evil-"', "cross_compile"),
        ('cross_compile = "touch pwned;"', "cross_compile"),
        ('cross_compile = "$(shell touch pwned)"', "cross_compile"),
        ('llvm = "./dir/"', "llvm"),
        ('llvm = "dir/"', "llvm"),
        ('llvm = "-18;x"', "llvm"),
        ('arch = "$(shell touch pwned)"', "arch"),
        ('arch = "../evil"', "arch"),
        *(
            (f'kcflags = "-O2 {flag}"', "kcflags")
            for flag in (
                "-fplugin=./x.so",
                "-fplugin=x",
                "@flags",
                "-wrapper x",
                "-wrapper",
                "-Bevil",
                "-B evil",
                "-o x",
                "-ox",
                "-specs=x",
                "-Wp,-MD,x",
                "-Wl,-x",
                "-include x",
                "-I.",
                "-Xclang -load",
                "-fuse-ld=x",
                "-mllvm -x",
                "-fmodule-mapper=|x",
                "-DX=`x`",
                "-DX=$(shell x)",
                "; x",
                "--sysroot=x",
                "-fdump-tree-all=x",
                "-fprofile-use=x",
            )
        ),
    ],
)
def test_no_key_names_a_program(
    tree: DemoRepository, check: Callable[..., Run], line: str, said: str
) -> None:
    (tree.path / "kabicheck.toml").write_text(f"[check]\n{line}\n")
    error = check("--base", tree.base, "lib/").error
    assert f"kabicheck.toml: check.{said}: " in error
    assert not (tree.path / "pwned").exists()


def test_flags_that_only_choose_how_code_is_compiled_are_taken(
    tree: DemoRepository, check: Callable[..., Run]
) -> None:
    flags = "-O2 -g -fno-inline -DX -DY=1 -UZ -Wno-unused -Wframe-larger-than=2048 -mtune=generic -std=gnu11"
    (tree.path / "kabicheck.toml").write_text(f'[check]\nkcflags = "{flags} -ftrivial-auto-var-init=zero"\n')
    assert check("--base", tree.base, "lib/").status == 0


def test_a_named_file_is_trusted_unless_git_tracks_it(
    tree: DemoRepository, check: Callable[..., Run], tmp_path: Path
) -> None:
    toml = f'[check]\nbase = "{tree.base}"\noutput = ["text:{tmp_path}/report"]\n'
    (tree.path / "mine.toml").write_text(toml)
    assert check("--settings", "mine.toml", "lib/").status == 0
    assert "OK: " in (tmp_path / "report").read_text()
    (tree.path / "mine.toml").write_text(toml.replace(f"{tmp_path}/report", ".git/hooks/pre-push"))
    assert "inside the git folder" in check("--settings", "mine.toml", "lib/").error
    tree.commit({"ci/theirs.toml": toml}, "Check it so")
    assert "check.output: " in check("--settings", "ci/theirs.toml", "lib/").error
    tree.commit({"ci/theirs.toml": toml.replace(f"{tmp_path}/", "../")}, "Beside ci/")
    assert "is not below" in check("--settings", "ci/theirs.toml", "lib/").error


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "-o", "text:.git/hooks/pre-push", "lib/"),
        ("check", "-o", "text:.git/worktrees/x/config", "lib/"),
        ("compare", "-o", "text:.git/config", "lib", "lib"),
        ("suggest", "-o", ".git/config", "lib", "lib"),
        ("consolidate", "-o", ".git/config", "lib"),
        ("bisect", "--log", ".git/config", "kobject_init"),
    ],
)
def test_nobody_writes_into_a_git_folder(
    tree: DemoRepository, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    before = contents(tree.path)
    assert main(list(arguments)) == 2
    assert "inside the git folder" in capsys.readouterr().err
    assert contents(tree.path) == before


def test_init_writes_into_no_bare_repository(
    tree: DemoRepository, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = tree.path.parent / "bare.git"
    tree.git("clone", "--quiet", "--bare", str(tree.path), str(bare))
    assert main(["init", "-C", str(bare)]) == 2
    assert not (bare / "kabicheck.toml").exists()
    subprocess.run(["rm", "-r", str(bare)], check=True)


def test_a_branch_does_not_lead_a_typed_path_elsewhere(
    tree: DemoRepository, check: Callable[..., Run]
) -> None:
    (tree.path / "kabi.txt").symlink_to("../.bashrc")
    (tree.path / "reports").symlink_to("..")
    tree.git("add", "--force", "kabi.txt", "reports")
    tree.git("commit", "--quiet", "--message", "x")
    for path in ("kabi.txt", "reports/.bashrc", os.path.abspath("kabi.txt")):  # noqa: PTH100 (no link is followed)
        assert (
            "is a symbolic link that git tracks"
            in check("--base", tree.base, "-o", f"text:{path}", "lib/").error
        )
    assert (tree.path.parent / ".bashrc").read_text() == SECRET
    (tree.path / "mine").symlink_to("..")
    assert check("--base", tree.base, "-o", "text:mine/report", "lib/").status == 0
    assert (tree.path.parent / "report").exists(), "a link of one's own"
