"""A compiler that is another one, though it says the same of itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.objects.build_options import Build
from tests.lacking import skip_or_fail

if TYPE_CHECKING:
    from pathlib import Path

GCC = """\
#!/bin/sh
case $1 in
  -print-prog-name=cc1) echo {0}/cc1;;
  *) exec {1} "$@";;
esac
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in front of all others, with a gcc whose parts are files there."""
    folder = tmp_path / "programs"
    folder.mkdir()
    _program(folder / "gcc", GCC.format(folder, shutil.which("gcc")))
    _program(folder / "cc1", "small")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder


def _program(file: Path, text: str) -> None:
    file.write_text(text)
    file.chmod(0o755)


def test_a_driver_or_its_part_that_was_updated_in_place(programs: Path) -> None:
    said = {subprocess.run(["gcc", "--version"], capture_output=True, check=True).stdout}
    keys = [Build().key, Build().key]
    assert keys[0] == keys[1]
    _program(programs / "gcc", (programs / "gcc").read_text() + "# patched\n")
    said.add(subprocess.run(["gcc", "--version"], capture_output=True, check=True).stdout)
    keys.append(Build().key)
    for text in ("other", "x" * (5 << 20), "y" * (5 << 20)):  # content of small ones, time of large ones
        _program(programs / "cc1", text)
        keys.append(Build().key)
    assert (len(said), len(set(keys[1:]))) == (1, 5)


def test_a_library_that_was_updated_in_place(programs: Path) -> None:
    """clang is little more than its libraries."""
    for name, text in {"x.c": "int x = 1;", "ld.c": "extern int x; int main(void) { return !x; }"}.items():
        (programs / name).write_text(text)

    def compile_(*arguments: str) -> None:
        subprocess.run(["gcc", *arguments], cwd=programs, check=True)

    compile_("-shared", "-fPIC", "-o", "libx.so", "x.c")
    compile_("-o", "linker", "ld.c", "-L.", "-lx", f"-Wl,-rpath,{programs}")
    (programs / "linker").rename(programs / "ld")
    before = Build().key
    (programs / "x.c").write_text("int x = 2;")
    compile_("-B/usr/bin", "-shared", "-fPIC", "-o", "libx.so", "x.c")
    assert Build().key != before


def test_what_a_link_to_ccache_stands_in_front_of(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (ccache := shutil.which("ccache")) is None:
        skip_or_fail("no ccache")
    (tmp_path / "links").mkdir()
    (tmp_path / "links/gcc").symlink_to(ccache)
    monkeypatch.setenv("PATH", f"{tmp_path}/links:{os.environ['PATH']}")
    before = Build().key
    _program(programs / "gcc", (programs / "gcc").read_text() + "# patched\n")
    assert Build().key != before
