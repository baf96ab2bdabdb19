from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import ObjectError
from kabicheck.objects.ar import member_names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def thin(tmp_path: Path) -> Path:
    """A thin archive as kbuild makes it: nested, with short and with long names."""
    (tmp_path / "lib/deep").mkdir(parents=True)
    names = ["lib/a.o", "lib/deep/a_name_longer_than_a_header_has_room.o", "b.o"]
    for name in names:
        (tmp_path / name).write_bytes(b"not looked at")
    _ar(tmp_path, "lib/built-in.a", *names[:2])
    _ar(tmp_path, "built-in.a", "lib/built-in.a", names[2])
    return tmp_path / "built-in.a"


def _ar(folder: Path, *arguments: str) -> None:
    subprocess.run(["ar", "cDPrST", *arguments], cwd=folder, check=True)


def test_names_of_a_thin_archive(thin: Path) -> None:
    assert member_names(thin) == ("lib/a.o", "lib/deep/a_name_longer_than_a_header_has_room.o", "b.o")
    assert member_names(thin.parent / "lib/built-in.a")[0] == "a.o"


def test_names_of_an_ordinary_archive_with_symbols(tmp_path: Path) -> None:
    source = tmp_path / "x.c"
    source.write_text("int x;")
    names = ["x.o", "with_quite_a_long_name_indeed.o"]
    for name in names:
        subprocess.run(["gcc", "-c", "-o", name, "x.c"], cwd=tmp_path, check=True)
    subprocess.run(["ar", "rcs", "lib.a", *names], cwd=tmp_path, check=True)
    assert member_names(tmp_path / "lib.a") == tuple(names)


def test_an_empty_archive(tmp_path: Path) -> None:
    _ar(tmp_path, "built-in.a")
    assert member_names(tmp_path / "built-in.a") == ()


def test_every_truncation_is_an_error_or_a_shorter_list(thin: Path) -> None:
    data = thin.read_bytes()
    whole = member_names(thin)
    for end in range(len(data)):
        thin.write_bytes(data[:end])
        try:
            names = member_names(thin)
        except ObjectError as error:
            assert str(thin) in str(error)
        else:
            assert names == whole[: len(names)]


@pytest.mark.parametrize("data", [b"", b"!<thin>", b"!<thin>\nrubbish", b"\x7fELF"])
def test_what_is_no_archive(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "built-in.a"
    file.write_bytes(data)
    with pytest.raises(ObjectError):
        member_names(file)
