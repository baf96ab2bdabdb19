"""Generated decoders: what is generated, shown, remembered and forgotten; test_texts.py has what they read."""

from __future__ import annotations

import inspect
import linecache
import traceback
from typing import TYPE_CHECKING

import pytest

from kabicheck.cli import main
from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import Abbreviation
from kabicheck.dwarf.reads import Layout
from kabicheck.errors import ObjectError
from kabicheck.symver import decoders
from kabicheck.symver.decoder_sources import ROLES, decoder_sources
from tests.dwarf.objects import read
from tests.dwarf_writer import Form, Unit, die, member, struct_type, variable, write
from tests.symver.objects import INT, version

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.dwarf.info import DebugInfo
    from tests.dwarf_writer import Die

LAYOUT = Layout(little=True, address_size=8, offset_size=4, relocatable=False)
MEMBER = Abbreviation(
    dw.TAG_MEMBER,
    False,
    (
        (dw.AT_NAME, dw.FORM_STRP, 0),
        (dw.AT_DECL_LINE, dw.FORM_DATA1, 0),
        (dw.AT_TYPE, dw.FORM_REF4, 0),
        (dw.AT_DATA_MEMBER_LOCATION, dw.FORM_DATA1, 0),
    ),
)
MEMBER_SOURCE = """\
def member(position, add):
    at_name, at_type, at_data_member_location = unpack_I1xIB(data, position)
    add(f"member {types[at_type]} {strings[at_name]} data_member_location({at_data_member_location})")
    return position + 10
"""


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    decoders.forget()
    yield
    decoders.forget()


def files() -> list[str]:
    """The files that tracebacks find generated code in."""
    return [name for name in linecache.cache if name.startswith("<decoder ")]


def every_kind() -> tuple[Die, ...]:
    s = struct_type("s", member("a", INT), die("member", type=die("union_type", member("b", INT))))
    e = die("enumeration_type", die("enumerator", name="E", const_value=1), name="e")
    return (
        variable("v", s),
        variable("w", e),
        variable("x", die("array_type", die("subrange_type"), type=INT)),
    )


def test_the_source_for_an_abbreviation() -> None:
    assert decoders.member(MEMBER, LAYOUT).source("member") == MEMBER_SOURCE


def test_what_is_passed_over_makes_no_other_function() -> None:
    """Fields that no type string has are a part of a size: such shapes share what was compiled."""
    more = Abbreviation(dw.TAG_MEMBER, False, (*MEMBER.attributes[:3], (dw.AT_DECL_FILE, dw.FORM_DATA1, 0)))
    less = Abbreviation(dw.TAG_MEMBER, False, (*MEMBER.attributes[:3], (0x3FFF, dw.FORM_FLAG, 0)))
    made = decoders.of_role(decoders.member, LAYOUT)
    assert made[more] is made[less]
    assert made[more] is not made[MEMBER]


def test_tracebacks_show_generated_lines() -> None:
    bound = dict.fromkeys(decoders.BINDINGS) | {"data": b"\0" * 4, "types": {}, "strings": {}}
    decode = decoders.of_role(decoders.member, LAYOUT)[MEMBER](*bound.values())
    with pytest.raises(Exception, match="unpack_from requires a buffer") as caught:
        decode(0, print)
    linecache.checkcache()  # as `traceback` does before it prints
    shown = "".join(traceback.format_exception(caught.value))
    assert '>", line 3, in member\n    at_name, at_type, at_data_member_location = unpack_I1xIB(data' in shown
    assert "<decoder " in shown


def test_functions_are_bounded_and_forgotten_with_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions are the same however few are remembered, also where some are forgotten while a unit is read."""
    expected = version(*every_kind(), names=("v", "w", "x"))
    assert len(files()) > 4
    decoders.forget()
    assert files() == []
    monkeypatch.setattr(decoders, "REMEMBERED", 3)
    answer = version(*every_kind(), names=("v", "w", "x"))
    assert answer.proven
    assert answer.versions == expected.versions
    assert 0 < len(files()) <= 3


def test_a_second_object_compiles_nothing() -> None:
    version(*every_kind(), names=("v", "w", "x"))
    compiled = files()
    version(*every_kind(), names=("v", "w", "x"))
    assert files() == compiled


# --- shown to developers ---------------------------------------------------------------------------------


def test_every_role_can_be_shown() -> None:
    roles = {
        function
        for name, function in vars(decoders).items()
        if not name.startswith("_")
        and inspect.isfunction(function)
        and [*inspect.signature(function).parameters] == ["shape", "layout"]
    }
    assert roles == {role for role, _ in ROLES}


def shown(info: DebugInfo) -> dict[int, str]:
    """The code for each DIE of an object, by its offset; everywhere else none may begin."""
    found = {}
    for offset in range(len(info.data)):
        try:
            found[offset] = decoder_sources(info, offset)
        except ObjectError as error:
            assert error.problem in {"no entry begins here", "an offset outside its unit"}
    return found


def test_dumping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit = Unit(variable("v", struct_type("s", member("a", INT, data_member_location=0))))
    path = tmp_path / "x.o"
    path.write_bytes(write([unit]))
    found = shown(read(unit))
    assert [text.partition(",")[0] for text in found.values()] == [
        "# abbreviation 1: TAG_COMPILE_UNIT",
        "# abbreviation 2: TAG_VARIABLE",
        "# abbreviation 3: TAG_STRUCTURE",
        "# abbreviation 4: TAG_MEMBER",
        "# abbreviation 5: TAG_BASE",
    ]
    at, text = next((at, text) for at, text in found.items() if "TAG_MEMBER" in text)
    assert "def member(position, add):\n" in text
    assert "def stable_member(position, add):\n" in text
    assert "def own_text(" not in text
    for spelled in (str(at), hex(at), f".debug_info+{at:#x}"):
        assert main(["symver", "--dump-decoder", spelled, str(path)]) == 0
        assert capsys.readouterr().out == text + "\n"
    assert main(["symver", "--dump-decoder", hex(at + 1), str(path)]) == 2
    assert capsys.readouterr().err.endswith(f"x.o: no entry begins here at .debug_info+{at + 1:#x}\n")
    with pytest.raises(SystemExit, match="2"):
        main(["symver", "--dump-decoder", "here", str(path)])
    assert "argument --dump-decoder: here is no offset" in capsys.readouterr().err


def test_what_is_left_to_the_careful_reader_says_so() -> None:
    inner = die("member", name=Form("string", "a", indirect=True), type=INT)
    found = shown(read(Unit(variable("v", struct_type("s", inner)))))
    (text,) = [each for each in found.values() if "TAG_MEMBER" in each]
    assert "# member: none; the careful reader reads such DIEs\n" in text
