"""Versions calculated from symtypes files alone."""

from __future__ import annotations

import json
from pathlib import Path
from zlib import crc32

import pytest

from kabicheck.errors import NoExports, ObjectError
from kabicheck.symver.from_symtypes import RecordedTypes, Tool
from tests.parity import corpus

__all__ = ["corpus"]

GENKSYMS = Path(__file__).parents[1] / "formats/data"


def test_they_are_those_of_the_objects(corpus: Path) -> None:
    for entry in json.loads((corpus / "manifest.json").read_text()):
        recorded = RecordedTypes((corpus / entry["object"]).with_suffix(".symtypes"))
        found = {name: f"{crc:#010x}" for name, crc in recorded.versions().versions.items()}
        assert {name: found.get(name) for name in entry["versions"]} == entry["versions"]


def test_references_are_written_out_once(tmp_path: Path) -> None:
    path = tmp_path / "x.symtypes"
    path.write_text("f variable s#a s#a\ns#a structure_type a { pointer_type { s#a } }\n")
    whole = b"variable structure_type a { pointer_type { s#a } } s#a"
    assert RecordedTypes(path).versions().versions == {"f": crc32(whole)}


def test_a_reference_to_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.symtypes"
    path.write_text("f variable s#a\n")
    with pytest.raises(ObjectError, match="unknown type reference to 's#a'"):
        RecordedTypes(path).versions()


def test_a_file_without_exports(tmp_path: Path) -> None:
    path = tmp_path / "x.symtypes"
    path.write_text("s#a structure_type a { }\n")
    with pytest.raises(NoExports):
        RecordedTypes(path)


@pytest.mark.parametrize("name", ["walk", "walk_changed", "async"])
def test_versions_of_genksyms(name: str) -> None:
    recorded = RecordedTypes(GENKSYMS / f"{name}.symtypes")
    assert recorded.tool is Tool.GENKSYMS
    printed = [f"#SYMVER {export} {crc:#010x}" for export, crc in recorded.versions().versions.items()]
    assert sorted(printed) == sorted((GENKSYMS / f"{name}.symver").read_text().splitlines())


def test_tags_share_a_name_space(tmp_path: Path) -> None:
    path = tmp_path / "x.symtypes"
    path.write_text("u#a union a { int i ; } \nf void f ( s#a * , s#a * ) \n")
    whole = b"void f ( union a { int i ; } * , struct a * ) "
    assert RecordedTypes(path).versions().versions == {"f": crc32(whole)}


def test_some_of_the_versions() -> None:
    recorded = RecordedTypes(GENKSYMS / "walk.symtypes")
    some = recorded.versions(["counter", "table"])
    assert [export.name for export in some.exports] == ["counter", "table"]
    assert some.versions.items() <= recorded.versions().versions.items()
