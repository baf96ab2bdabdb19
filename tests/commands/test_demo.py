"""`kabicheck demo`: the whole job, with a real repository, compiler and check."""

from __future__ import annotations

import re
import shutil
import tempfile
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the demo makes its own temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_the_demo_shows_its_command_and_the_report(
    capsys: pytest.CaptureFixture[str], temporary: Path
) -> None:
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    assert re.search(
        r"^KABICHECK_CACHE=\S+ kabicheck check -C \S+/linux --base [0-9a-f]{12}$", out, re.MULTILINE
    )
    assert "struct async_domain" in out
    assert "i2c_transfer" in out
    assert "raw_notifier_chain_unregister" in out
    assert not list(temporary.iterdir())


def test_what_is_kept_can_be_checked_again(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["demo", "--keep", str(tmp_path / "kept")]) == 0
    assert (tmp_path / "kept/linux/include/linux/async.h").is_file()
    assert (tmp_path / "kept/cache").is_dir()
    capsys.readouterr()
    assert main(["demo", "--keep", str(tmp_path / "kept")]) == 2
    assert "not an empty folder" in capsys.readouterr().err


def test_a_machine_without_a_compiler(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for tool in ("git", "make", "sh"):
        found = shutil.which(tool)
        assert found
        (tmp_path / tool).symlink_to(found)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["demo"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("kabicheck: error: ")
    assert "gcc" in line
