"""Debug files are found where packages and debuggers put them, and only those of the same build."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.image import Image
from kabicheck.errors import UsageError
from kabicheck.objects.debugfiles import build_id, debug_link, find_debug_file
from tests.elf_writer import Section, write_elf

if TYPE_CHECKING:
    from pathlib import Path


def build(folder: Path, name: str, identity: str) -> Path:
    """A linked file with a build id."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [
        "gcc",
        "-g",
        "-nostdlib",
        "-shared",
        "-x",
        "c",
        "-",
        f"-Wl,--build-id=0x{identity}",
        "-o",
        name,
    ]
    subprocess.run(command, input="int x;", text=True, check=True, cwd=folder)
    return folder / name


def test_by_build_id(tmp_path: Path) -> None:
    path = build(tmp_path, "x", "0123456789")
    assert build_id(Image(path)).hex() == "0123456789"
    debug = build(tmp_path / "debug/.build-id/01", "23456789.debug", "0123456789")
    assert find_debug_file(path, Image(path), [tmp_path / "debug"]) == debug


def test_by_path(tmp_path: Path) -> None:
    path = build(tmp_path / "lib/modules/7.3", "x.ko", "01")
    debug = build(tmp_path / "debug/lib/modules/7.3", "x.ko", "01")
    assert find_debug_file(path, Image(path), [tmp_path / "debug"]) == debug


def test_another_build_s_is_not_taken(tmp_path: Path) -> None:
    path = build(tmp_path / "lib/modules/7.3", "x.ko", "01")
    build(tmp_path / "debug/lib/modules/7.3", "x.ko", "02")
    assert find_debug_file(path, Image(path), [tmp_path / "debug"]) is None


def test_a_file_is_not_its_own_debug_file(tmp_path: Path) -> None:
    path = build(tmp_path, "x", "01")
    assert find_debug_file(path, Image(path), [path]) is None


def test_what_is_given_must_exist(tmp_path: Path) -> None:
    path = build(tmp_path, "x", "01")
    with pytest.raises(UsageError, match="no such file or folder"):
        find_debug_file(path, Image(path), [tmp_path / "nowhere"])


@pytest.mark.parametrize("name", [".note.gnu.build-id", ".gnu_debuglink"])
def test_names_that_are_too_long_for_a_file(name: str, tmp_path: Path) -> None:
    image = Image("x.ko", write_elf([Section(name, b"x" * 5000)]))
    assert find_debug_file(tmp_path / "x.ko", image, [tmp_path]) is None


@pytest.mark.parametrize("link", ["../../etc/x", "/etc/x", "..", ""])
def test_a_link_leads_nowhere_else(link: str) -> None:
    content = write_elf([Section(".gnu_debuglink", link.encode() + bytes(8))])
    assert debug_link(Image("x", content)) == ""
