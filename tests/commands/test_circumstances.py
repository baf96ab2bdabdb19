"""What the operating system refuses is one line that says what to do, status 2, and nothing for the next run."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.demo.repository import DemoRepository
    from tests.commands.conftest import Run

KABICHECK = "import sys; from kabicheck.cli import entry; entry()"
NO_ROOM = "No space left on device"


def run(*arguments: str, cwd: Path, how: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own. how: redirections of a shell."""
    command = ["sh", "-c", f'exec "$@" {how}', "sh", sys.executable, "-c", KABICHECK, *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "KABICHECK_TRACEBACK"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=120, **options
    )


def test_a_closed_standard_output_is_no_answer(demo: DemoRepository, check: Callable[..., Run]) -> None:
    base = f"{demo.base}"
    assert check("--base", base).status == 1
    done = run("check", "--base", base, cwd=demo.path, how=">&-")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(
        "kabicheck: error: the standard output cannot be written: "
    )
    assert "Traceback" not in done.stderr
    assert run("check", "--base", base, cwd=demo.path, how="<&- >&- 2>&-").returncode == 2
    assert run("symver", cwd=demo.path, how="<&-").returncode == 2


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    script = (
        'import os, sys; os.rmdir(os.getcwd()); from kabicheck.cli import main; sys.exit(main(["check"]))'
    )
    folder = tmp_path / "gone"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done
    assert "the current folder is not there any more" in done.stderr


def test_files_that_may_not_grow(
    demo: DemoRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    arguments = ("check", "--base", f"{demo.head}~1", "kernel/notifier.o")
    done = run(*arguments, cwd=demo.path, preexec_fn=limit)
    assert done.returncode == 2
    assert "internal error" not in done.stderr
    assert "ulimit -f" in done.stderr
    assert run(*arguments, cwd=demo.path).returncode == 0


@pytest.mark.parametrize("skip", [0, 3, 6, 9, 12, 15])
def test_a_disk_that_is_full_at_some_moment(
    demo: DemoRepository,
    check: Callable[..., Run],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    skip: int,
) -> None:
    """Whatever is written just then: the next run gives the right answer."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    arguments = ("--base", f"{demo.head}~1", "kernel/notifier.o")
    left = [skip]

    def failing(make: Callable[..., Any]) -> Callable[..., Any]:
        def made(*args: Any, **options: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, NO_ROOM, str(tmp_path / "cache"))
            return make(*args, **options)

        return made

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "mkstemp", failing(tempfile.mkstemp))
        patch.setattr(Path, "mkdir", failing(Path.mkdir))
        patch.setattr(Path, "replace", failing(Path.replace))
        done = check(*arguments)
    assert left[0] < 0, "the disk was never full"
    assert done.status == 2
    assert NO_ROOM in done.err
    assert done.err.splitlines()[-1].startswith("kabicheck: error: ")
    assert check(*arguments).status == 0


def test_an_encoding_that_is_not_ours(
    demo: DemoRepository, check: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python opens files in the locale's encoding, and the page's own parts hold `·` and `→`."""
    arguments = ["--base", str(demo.base), "-o", f"html:{tmp_path / 'ours.html'}"]
    status = check(*arguments).status
    for name, value in (
        ("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0"), ("PYTHONIOENCODING", "ascii"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    done = run("check", *arguments[:-1], f"html:{tmp_path / 'theirs.html'}", cwd=demo.path)
    assert done.returncode == status, done
    page = (tmp_path / "theirs.html").read_text(encoding="utf-8")
    assert "→" in page
