"""`kabicheck consolidate`, and what it refuses."""

from __future__ import annotations

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
