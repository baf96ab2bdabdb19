"""suse-kabi-tools' consolidated symtypes, of both formats, read and written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.errors import FetchError, ObjectError
from kabicheck.formats.consolidated import Consolidated, SymtypesFolder, consolidate, read_consolidated
from kabicheck.objects.directory import read_directory
from tests.formats.memory_corpus import MemoryCorpus
from tests.formats.symtypes_files import write_symtypes

DATA = Path(__file__).parent / "data"
SECTIONS = """\
/* lib/a.symtypes */
s#foo struct foo { int m ; }
u##bar
baz void baz ( s#foo a1 , u#bar * a2 )

/* lib/b.symtypes */
u#bar union bar { int i ; s#foo * f ; }
qux void qux ( u#bar * a2 )

/* lib/c.symtypes */
s#foo struct foo { long m ; }
zot void zot ( u#bar * )
"""
VARIANTS = """\
baz void baz ( s#foo a1 , u#bar * a2 )
qux void qux ( u#bar * a2 )
zot void zot ( u#bar * )
s#foo@0 struct foo { int m ; }
s#foo@1 struct foo { long m ; }
u#bar union bar { int i ; s#foo * f ; }
F#lib/a.symtypes s#foo@0 u##bar baz
F#lib/b.symtypes s#foo@0 qux
F#lib/c.symtypes s#foo@1 zot
"""
BAR = "union bar { int i ; s#foo * f ; }"
FILES = {
    "lib/a.symtypes": {
        "s#foo": "struct foo { int m ; }",
        "u#bar": "union bar { UNKNOWN }",
        "baz": "void baz ( s#foo a1 , u#bar * a2 )",
    },
    "lib/b.symtypes": {"s#foo": "struct foo { int m ; }", "u#bar": BAR, "qux": "void qux ( u#bar * a2 )"},
    "lib/c.symtypes": {"s#foo": "struct foo { long m ; }", "u#bar": BAR, "zot": "void zot ( u#bar * )"},
}


def everything(corpus: Consolidated) -> dict[str, dict[str, str]]:
    return {path: dict(corpus.types(path)) for path in corpus.paths}


@pytest.mark.parametrize("content", [SECTIONS, VARIANTS])
def test_each_file_has_its_own_variants(content: str) -> None:
    corpus = Consolidated(content, "x")
    assert everything(corpus) == FILES
    assert "".join(consolidate(corpus)) == SECTIONS


def test_a_folder_comes_back_as_it_was(tmp_path: Path) -> None:
    for name in ("walk", "walk_changed", "async"):
        (tmp_path / "build/lib").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"build/lib/{name}.symtypes").write_bytes((DATA / f"{name}.symtypes").read_bytes())
    folder = SymtypesFolder(tmp_path / "build")
    assert folder.paths == ("lib/async.symtypes", "lib/walk.symtypes", "lib/walk_changed.symtypes")
    path = tmp_path / "all"
    path.write_text("".join(consolidate(folder)))
    corpus = read_consolidated(path)
    assert everything(corpus) == {path: folder.types(path) for path in folder.paths}
    assert path.read_text().count("t#u32 typedef unsigned int u32\n") == 1
    assert "\ns##foo\n" in path.read_text()


TYPES = st.sampled_from(["s#a", "u#b", "e#c", "t#d", "s#'e f'"])
TEXTS = st.one_of(
    st.sampled_from(["struct a { UNKNOWN }", "union b { UNKNOWN }"]),
    st.lists(st.one_of(TYPES, st.sampled_from(["int", "{", "}", ";", "x"])), min_size=1).map(" ".join),
)


@given(st.dictionaries(st.sampled_from("xyz"), st.dictionaries(TYPES, TEXTS), max_size=3))
def test_consolidating_loses_nothing(given_types: dict[str, dict[str, str]]) -> None:
    """Every type that is mentioned is defined, and an export reaches all of them, as in a real file."""
    names = ("s#a", "u#b", "e#c", "t#d", "s#'e f'")
    files = {
        path: dict.fromkeys(names, "int") | types | {f"f{path}": " ".join(names)}
        for path, types in given_types.items()
    }
    corpus = MemoryCorpus(files)
    content = "".join(consolidate(corpus))
    if files:
        assert everything(Consolidated(content, "x")) == files


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("/* a */\nalone\n", "x:2: not a line"),
        ("/* a */\nf int f ( )\nf int f ( )\n", "x:3: second definition of f"),
        ("/* a */\ns##a\ns#a struct a { }\n", "x:3: second definition of s#a"),
        ("/* a */\n/* a */\n", "x:2: second section of a"),
        ("f int f ( )\nF#a g\n", "x:2: g is not known"),
        ("f@0 int f ( )\nF#a f@1\n", "x:2: f@1 is not known"),
        ("f@0 int f ( )\nf@0 int f ( )\n", "x:2: second definition of f@0"),
        ("F#a\nF#a\n", "x:2: second section of a"),
    ],
)
def test_errors_name_file_and_line(content: str, complaint: str) -> None:
    with pytest.raises(ObjectError) as error:
        Consolidated(content, "x")
    assert str(error.value).startswith(complaint)


def test_a_type_that_is_not_there_yet() -> None:
    corpus = Consolidated("/* a */\nf int f ( s#a )\n/* b */\ns#a struct a { }\ng s#a g\n", "x")
    assert corpus.types("b") == {"s#a": "struct a { }", "g": "s#a g"}
    with pytest.raises(ObjectError, match="x: a refers to s#a, which is not known there"):
        corpus.types("a")


def test_an_export_of_two_files_stays_in_both(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_symtypes(tmp_path / f"{name}.symtypes", {"f": "int f ( )"})
    content = "".join(consolidate(SymtypesFolder(tmp_path)))
    assert everything(Consolidated(content, "x")) == {
        "a.symtypes": {"f": "int f ( )"},
        "b.symtypes": {"f": "int f ( )"},
    }


def test_an_export_of_no_file(tmp_path: Path) -> None:
    """The line of its file was lost, or is none any more."""
    path = tmp_path / "types"
    path.write_text("f void f ( void )\ng void g ( void )\nF#a.symtypes f\nF#b.symtypes g\n")
    assert read_consolidated(path).paths == ("a.symtypes", "b.symtypes")
    path.write_text("f void f ( void )\ng void g ( void )\nF#a.symtypes f\n")
    with pytest.raises(ObjectError, match="no file is named that exports g"):
        read_consolidated(path)
    path.write_text("f void f ( void )\nF#a.symtypes f")
    with pytest.raises(ObjectError, match="cut short"):
        read_consolidated(path)


def test_a_folder_that_goes_on_and_on(tmp_path: Path) -> None:
    """Deeper than Python's own limit, and than a path can be."""
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        below = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = below
    os.close(place)
    with pytest.raises(FetchError, match="holds folders in more than 100 others"):
        SymtypesFolder(tmp_path)
    with pytest.raises(FetchError, match="holds folders in more than 100 others"):
        read_directory(tmp_path)
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # Python's own cannot
