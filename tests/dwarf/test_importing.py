"""The places outside of a unit that it refers to: all of them, whatever stands between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.importing import Elsewhere, elsewhere
from kabicheck.errors import ObjectError
from tests.dwarf.objects import LAYOUTS, dies, read
from tests.dwarf.shapes import INT, shapes
from tests.dwarf_writer import Die, Form, Unit, die

if TYPE_CHECKING:
    from kabicheck.dwarf.info import DebugInfo


def by_hand(info: DebugInfo) -> set[Elsewhere]:
    """What the careful reader finds, DIE by DIE."""
    reader = DieReader(info, info.units[0])
    fields = [field for found in dies(reader) for field in reader.whole(found.offset).attributes.values()]
    return {
        Elsewhere(form in dw.SUPPLEMENTARY_REFERENCES, value)
        for form, value, _ in fields
        if form in dw.OTHER_UNIT_FORMS and isinstance(value, int)
    }


@given(shapes)
def test_all_that_the_careful_reader_finds(attributes: list[tuple[str, Form]]) -> None:
    inner = die("structure_type", die("member", type=Form("ref_addr", INT)), byte_size=8)
    written = [
        INT,
        Die("variable", list(attributes), []),
        inner,
        die("imported_unit", **{"import": Form("ref_addr", INT)}),
    ]
    for machine, version, offset_size, relocations in LAYOUTS:
        info = read(
            Unit(*written, version=version, offset_size=offset_size), machine=machine, relocations=relocations
        )
        # a unit may say twice what an attribute is; `whole` keeps the first
        assert elsewhere(info, info.units[0]) >= by_hand(info)
        assert len(elsewhere(info, info.units[0])) >= 1


def test_nothing_where_no_shape_can() -> None:
    info = read(Unit(INT, die("variable", name="x", type=INT)))
    assert elsewhere(info, info.units[0]) == frozenset()


def test_what_is_cut_short_is_an_error() -> None:
    info = read(Unit(INT, die("variable", type=Form("ref_addr", INT), name="x")))
    (unit,) = info.units
    with pytest.raises(ObjectError, match="cannot be read"):
        elsewhere(info, unit._replace(end=unit.end - 8))
