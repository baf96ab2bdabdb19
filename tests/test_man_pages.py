"""Manual pages: one for each command, valid troff, in the wheel, and the same whenever they are made."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from kabicheck.cli import COMMANDS
from tests.lacking import skip_or_fail

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("man")
    subprocess.run([sys.executable, ROOT / "ci/man_pages.py", folder], check=True)
    return folder


def test_every_command_has_a_page(pages: Path) -> None:
    names = {f"kabicheck-{name.replace(' ', '-')}.1" for name in COMMANDS}
    assert {path.name for path in pages.iterdir()} == {"kabicheck.1", *names}
    check = (pages / "kabicheck-check.1").read_text()
    assert r"\-\-base\-objects" in check
    assert COMMANDS["check"] in check
    program = (pages / "kabicheck.1").read_text()
    assert COMMANDS["check"] in program
    assert "usage:" not in program, "no command without the options that its own page has"


def test_pages_are_valid(pages: Path) -> None:
    """groff complains of what it does not know only when it is asked to."""
    if shutil.which("groff") is None:
        skip_or_fail("groff is not installed")
    for path in pages.iterdir():
        done = subprocess.run(
            ["groff", "-man", "-Tutf8", "-wmac", "-wescape", path], capture_output=True, text=True, check=True
        )
        assert not done.stderr, path
        printed = re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)
        for heading in ("NAME", "SYNOPSIS", "DESCRIPTION"):
            assert re.search(rf"^{heading}$", printed, re.MULTILINE), f"{path}: {heading}\n{printed}"
        if path.name == "kabicheck-completion.1":
            assert "  kabicheck completion zsh > ~/.zfunc/_kabicheck       " in printed


def test_the_wheel_has_them(pages: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {Path(name).name: name for name in archive.namelist() if "/share/man/man1/" in name}
        assert packed.keys() == {path.name for path in pages.iterdir()}
        for name, member in packed.items():
            assert archive.read(member).decode() == (pages / name).read_text()
