"""`kabicheck consolidate`, and what it refuses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from kabicheck.cli import main
from kabicheck.formats.consolidated import SymtypesFolder, read_consolidated

DATA = Path(__file__).parents[1] / "formats/data"


def test_a_folder_becomes_one_file(tmp_path: Path) -> None:
    build, one, two = tmp_path / "build", tmp_path / "one.symtypes", tmp_path / "two.symtypes"
    (build / "lib").mkdir(parents=True)
    shutil.copy(DATA / "walk.symtypes", build / "lib/walk.symtypes")
    shutil.copy(DATA / "async.symtypes", build / "async.symtypes")
    assert main(["consolidate", str(build), "-o", str(one)]) == 0
    corpus = read_consolidated(one)
    assert corpus.paths == ("async.symtypes", "lib/walk.symtypes")
    assert all(corpus.types(path) == SymtypesFolder(build).types(path) for path in corpus.paths)
    assert main(["consolidate", str(one), "-o", str(two)]) == 0
    assert two.read_bytes() == one.read_bytes()


@pytest.mark.parametrize("broken", ["missing", "empty", "text", "bad"])
def test_what_cannot_be_read_writes_nothing(
    broken: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = tmp_path / broken, tmp_path / "out"
    if broken == "empty":
        path.mkdir()
    elif broken == "text":
        path.write_text("hello\n")
    elif broken == "bad":
        path.mkdir()
        (path / "x.symtypes").write_text("s#a struct a { }\nalone\n")
    assert main(["consolidate", str(path), "-o", str(out)]) == 2
    assert capsys.readouterr().err.startswith(f"kabicheck: error: {path}")
    assert not out.exists()


def test_names_are_bytes(tmp_path: Path) -> None:
    """In UTF-8 or not; but a line break would end the line that names the file."""
    build, out = tmp_path / "build", tmp_path / "out"
    build.mkdir()
    for name in (b"\xc5\xbe.symtypes", b"\xff.symtypes"):
        shutil.copy(DATA / "walk.symtypes", build / os.fsdecode(name))
    assert main(["consolidate", str(build), "-o", str(out)]) == 0
    assert b"/* \xc5\xbe.symtypes */\n" in out.read_bytes()
    assert main(["compare", str(out), str(build)]) == 0
    shutil.copy(DATA / "walk.symtypes", build / "a\nb.symtypes")
    assert main(["consolidate", str(build), "-o", str(out)]) == 2


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "build").mkdir()
    os.mkfifo(tmp_path / "build/x.symtypes")
    assert main(["consolidate", str(tmp_path / "build"), "-o", str(tmp_path / "out")]) == 2
    assert "x.symtypes: is not a regular file" in capsys.readouterr().err
