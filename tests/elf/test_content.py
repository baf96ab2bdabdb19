"""What is read of files that are no plain files, and of packed ones."""

from __future__ import annotations

import gzip
import lzma
import os
import random
from typing import TYPE_CHECKING

import pytest
import zstandard

from kabicheck.elf import content
from kabicheck.elf.content import read_content
from kabicheck.errors import ObjectError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATA = random.Random(1).randbytes(100_000)
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}


@pytest.mark.parametrize("whole", [1 << 20, 1 << 10])
@pytest.mark.parametrize("name", ["plain", *PACK])
def test_all_of_a_file(name: str, whole: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "WHOLE", whole)
    path = tmp_path / "x"
    path.write_bytes(PACK.get(name, bytes)(DATA))
    read = read_content(path)
    assert (len(read), read[:], read[99_000:101_000]) == (len(DATA), DATA, DATA[99_000:])


@pytest.mark.parametrize("name", PACK)
def test_half_of_a_packed_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    packed = PACK[name](DATA)
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(ObjectError, match="x: the packed file is cut short"):
        read_content(path)


@pytest.mark.parametrize("name", PACK)
def test_rubbish_behind_a_right_beginning(name: str, tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(PACK[name](DATA)[:4] + b"\xff" * 100)
    with pytest.raises(ObjectError, match=r"x: (cannot be unpacked \(|the packed file is cut short)"):
        read_content(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x")
    with pytest.raises(ObjectError, match="x: not a regular file"):
        read_content(tmp_path / "x")


def test_a_device_that_never_ends() -> None:
    with pytest.raises(ObjectError, match="/dev/zero: not a regular file"):
        read_content("/dev/zero")


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(ObjectError, match=r"cannot be read \(Is a directory\)"):
        read_content(tmp_path)
