"""symtypes files: names, references, errors."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.errors import ObjectError
from kabicheck.formats import bounded
from kabicheck.formats.symtypes import (
    is_reference,
    parse_symtypes,
    read_symtypes,
    referenced_name,
    references,
    split_references,
    words,
)
from tests.compare.type_strings import LOST_COMMA
from tests.formats.symtypes_files import format_symtypes

if TYPE_CHECKING:
    from pathlib import Path

FILE = """\
kref_get subprogram ( formal_parameter pointer_type { s#kref } byte_size(8) kref ) -> base_type void
s#'(&str, &str)' structure_type (&str, &str) { member s#&str __0 data_member_location(0) } byte_size(32)
s#kref structure_type kref { member t#refcount_t refcount data_member_location(0) } byte_size(4)
"""


def test_a_file_is_a_mapping_and_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.symtypes"
    path.write_bytes(FILE.encode() + "s#caf\u00e9 structure_type caf\u00e9 { }\n".encode())
    types = read_symtypes(path)
    assert list(types)[:3] == ["kref_get", "s#'(&str, &str)'", "s#kref"]
    assert format_symtypes(types).encode("latin-1") == path.read_bytes()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("s#a structure_type a { }\nalone\n", "x.symtypes:2: not a symtypes line"),
        ("a variable s#b\na variable s#c\n", "x.symtypes:2: second definition of a"),
        (" variable s#b\n", "x.symtypes:1: not a symtypes line"),
    ],
)
def test_errors_name_file_and_line(content: str, complaint: str) -> None:
    with pytest.raises(ObjectError) as error:
        parse_symtypes(content, "x.symtypes")
    assert str(error.value).startswith(complaint)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ObjectError, match="cannot be read"):
        read_symtypes(tmp_path / "none")


def test_references_are_whole_words() -> None:
    text = "member s#'core::Option<&dyn E>' a , member s#{closure_env#0} vtable#1 , member u#x y"
    assert references(text) == ("s#'core::Option<&dyn E>'", "s#{closure_env#0}", "u#x")
    assert not references("member base_type int its#name e#")


def test_a_reference_before_a_lost_comma() -> None:
    text = "( formal_parameter s#aformal_parameter s#'b c'formal_parameter t#d )"
    assert references(text) == ("s#a", "s#'b c'", "t#d")
    assert references(LOST_COMMA) == ("s#device", "s#device_driver")
    assert words(LOST_COMMA)[7:10] == ["byte_size(8)", ",", "formal_parameter"]


@given(st.text(alphabet="sute#' ab{}(),\u00e9\u00a0", max_size=60))
def test_splitting_loses_nothing(text: str) -> None:
    parts = split_references(text)
    assert "".join(parts) == text
    assert tuple(parts[1::2]) == references(text)
    assert all(is_reference(reference) for reference in parts[1::2])


def test_names_of_references() -> None:
    assert referenced_name("s#kref") == "kref"
    assert referenced_name("s#'(&str, &str)'") == "(&str, &str)"
    assert not is_reference("kref_get")
    assert not is_reference("x#kref")


def test_quotes_that_never_end_take_no_time() -> None:
    assert len(references("s#'a " * 200_000)) == 0


def test_a_file_that_is_cut_short() -> None:
    for end in range(1, len(FILE)):
        if FILE[end - 1] != "\n":
            with pytest.raises(ObjectError, match="cut short"):
                parse_symtypes(FILE[:end], "x.symtypes")


@pytest.mark.parametrize(
    "line",
    [
        "f subprogram ( ) -> base_type voidXg subprogram ( ) -> base_type void",
        "s#a structure_type a { } byte_size(4)Xg subprogram ( ) -> base_type void",
        "s#a struct a { int b ; }Xg void g ( void )",
        "e#a enum a { B }Xt#c typedef int c",
        "f variable \x02 base_type int",
        "F#lib/a.o s#b f",
        "u##aXg void g ( u#a )",
        "s#a structure_type a { " + "member structure_type { " * 50_000 + "} " * 50_000,
    ],
    ids=["function", "structure", "c", "enumeration", "control", "name", "unknown", "long"],
)
def test_a_line_that_holds_another_or_is_none(line: str) -> None:
    with pytest.raises(ObjectError, match=r"x\.symtypes:1: not a symtypes line: .* in 1 MiB at most"):
        parse_symtypes(f"{line}\n", "x.symtypes")


def test_a_packed_file_that_unpacks_to_far_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.symtypes.gz"
    path.write_bytes(gzip.compress(f"f {'int ' * 400}\n".encode() * 2000))
    monkeypatch.setattr(bounded, "SMALL", 1 << 20)
    with pytest.raises(ObjectError, match=r"x\.symtypes\.gz: unpacks from \d+ to more than 1048576 bytes"):
        read_symtypes(path)
