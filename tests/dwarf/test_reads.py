"""Generated code reads what the careful reader reads, for DIEs of any shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import Abbreviation, sleb128, uleb128
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.reads import FLAG, NUMBER, REFERENCE, TEXT, Layout, NotGenerated, Reads, elsewhere
from tests.dwarf.objects import LAYOUTS, dies, read
from tests.dwarf.shapes import ATTRIBUTES, INT, MAX, shapes, values
from tests.dwarf_writer import Die, Form, Unit

if TYPE_CHECKING:
    from collections.abc import Collection

    from kabicheck.dwarf.info import DebugInfo


@settings(max_examples=400, deadline=None)
@given(
    attributes=shapes,
    alike=st.lists(values, max_size=10),
    layout=st.sampled_from(LAYOUTS),
    wanted=st.sets(st.sampled_from(sorted(ATTRIBUTES))),
    leading=st.booleans(),
)
def test_the_same_as_the_careful_reader(
    attributes: list[tuple[str, Form]],
    alike: list[Form],
    layout: tuple[str, int, int, bool],
    wanted: set[str],
    leading: bool,
) -> None:
    """One function serves all DIEs of a shape: a second one with other values where the form is the same."""
    one = Die("variable", list(attributes), [])
    other = Die("variable", [(name, _like(form, alike)) for name, form in attributes], [])
    info = _read([INT, one, other] if leading else [one, other, INT], layout)
    reader = DieReader(info, info.units[0])
    for found in dies(reader):
        if found.tag == dw.TAG_VARIABLE:
            _compare(info, reader, found.offset, {ATTRIBUTES[name] for name in wanted})


def test_forms_that_are_left_to_the_careful_reader() -> None:
    layout = Layout(little=True, address_size=8, offset_size=4, relocatable=True)
    for form in (dw.FORM_STRX3, dw.FORM_REF_SIG8):
        shape = Abbreviation(
            dw.TAG_VARIABLE, False, ((dw.AT_TYPE, form, 0), (dw.AT_BYTE_SIZE, dw.FORM_DATA1, 0))
        )
        with pytest.raises(NotGenerated):
            Reads(shape, layout, {dw.AT_TYPE})
        assert Reads(shape, layout, {dw.AT_BYTE_SIZE}).expression(dw.AT_BYTE_SIZE, NUMBER)
    for form in (dw.FORM_INDIRECT, 0x7E):  # where the DIE ends is not known
        with pytest.raises(NotGenerated):
            Reads(Abbreviation(dw.TAG_VARIABLE, False, ((dw.AT_TYPE, form, 0),)), layout, ())


@given(st.sampled_from(sorted(dw.SUPPLEMENTARY_REFERENCES)), st.integers(0, MAX), st.booleans())
def test_references_to_the_supplementary_file(form: int, offset: int, wide: bool) -> None:
    """They are told apart from offsets in the unit, and from those in the file's own units."""
    size = dw.FIXED_SIZES.get(form, 8 if wide else 4)
    offset %= 1 << 8 * size
    layout = Layout(little=True, address_size=8, offset_size=8 if wide else 4, relocatable=False)
    reads = Reads(Abbreviation(dw.TAG_VARIABLE, False, ((dw.AT_TYPE, form, 0),)), layout, {dw.AT_TYPE})
    found = _evaluate(reads, offset.to_bytes(size, "little"))
    assert found[0][dw.AT_TYPE][0] == REFERENCE
    assert elsewhere(found[0][dw.AT_TYPE][1]) == (True, offset)
    assert found[1] == size


def test_strings_of_the_supplementary_file() -> None:
    layout = Layout(little=True, address_size=8, offset_size=4, relocatable=False)
    for form in dw.SUPPLEMENTARY_STRINGS:
        reads = Reads(Abbreviation(dw.TAG_VARIABLE, False, ((dw.AT_NAME, form, 0),)), layout, {dw.AT_NAME})
        assert _evaluate(reads, b"\7\0\0\0", other_strings={7: "seven"}) == ({dw.AT_NAME: (TEXT, "seven")}, 4)


def test_sizes_and_places() -> None:
    layout = Layout(little=True, address_size=8, offset_size=4, relocatable=False)
    fixed = ((dw.AT_NAME, dw.FORM_STRP, 0), (dw.AT_TYPE, dw.FORM_REF4, 0), (dw.AT_ALIGNMENT, dw.FORM_ADDR, 0))
    reads = Reads(Abbreviation(dw.TAG_VARIABLE, False, fixed), layout, {dw.AT_TYPE})
    assert (reads.fixed_size, reads.place(dw.AT_TYPE), reads.place(dw.AT_NAME)) == (16, 4, None)
    varying = ((dw.AT_NAME, dw.FORM_STRING, 0), *fixed[1:])
    reads = Reads(Abbreviation(dw.TAG_VARIABLE, False, varying), layout, {dw.AT_TYPE})
    assert (reads.fixed_size, reads.place(dw.AT_TYPE)) == (None, None)


def _like(form: Form, candidates: list[Form]) -> Form:
    """Another value of the same form; implicit_const is part of the shape."""
    if form.name == "implicit_const":
        return form
    return next((other for other in candidates if other.name == form.name), form)


def _read(written: list[Die], layout: tuple[str, int, int, bool]) -> DebugInfo:
    machine, version, offset_size, relocations = layout
    unit = Unit(*written, version=version, offset_size=offset_size)
    return read(unit, machine=machine, relocations=relocations)


def _compare(info: DebugInfo, reader: DieReader, offset: int, wanted: Collection[int]) -> None:
    unit = reader.unit
    code, start = uleb128(info.data, offset)
    layout = Layout(info.little, unit.address_size, unit.offset_size, bool(info.relocated))
    careful = reader.read(offset)
    assert careful is not None
    try:
        reads = Reads(unit.abbreviations[code], layout, wanted)
    except NotGenerated as left:
        assert left.args[0] in {dw.FORM_STRX3, dw.FORM_REF_SIG8} | dw.UNSIGNED_LEB_FORMS | {
            *range(dw.FORM_ADDRX1, dw.FORM_ADDRX4 + 1)
        }
        return
    values, end = _run(reads, info, reader, start - unit.start)
    assert unit.start + end == careful.first
    assert reads.fixed_size in (None, careful.first - start)
    for attribute in wanted:
        kind, value = values.get(attribute, ("", None))
        form = careful.attributes.get(attribute, (0,))[0]
        if form == dw.FORM_REF_ADDR:
            assert isinstance(value, int)
            supplementary, value = elsewhere(value)
            assert not supplementary
            value -= unit.start
        assert value == _careful(reader, careful, attribute, kind), (attribute, form)
        if not kind:  # what the generated code passes over says nothing to the careful reader either
            assert reader.number(careful, attribute) is None
            assert form not in {*dw.INDEXED_STRINGS, *dw.UNIT_REFERENCES, dw.FORM_STRING, dw.FORM_STRP}
        if kind == NUMBER and (place := reads.place(attribute)) is not None and not info.relocated:
            at = start + place
            assert int.from_bytes(info.data[at : at + 4], "little" if info.little else "big") == value


def _careful(reader: DieReader, found: Any, attribute: int, kind: str) -> object:
    if kind == NUMBER:
        return reader.number(found, attribute)
    if kind == TEXT:
        return reader.text(found, attribute)
    if kind == FLAG:
        return reader.flag(found, attribute)
    if kind == REFERENCE:
        target = reader.reference(found, attribute)
        assert target is not None
        return target - reader.unit.start
    return None


def _run(
    reads: Reads, info: DebugInfo, reader: DieReader, position: int
) -> tuple[dict[int, tuple[str, object]], int]:
    """Compile the generated statements as decoders.py does, and run them on one DIE."""
    names: dict[str, Any] = {
        "relocated": info.relocated_in(reader.unit),
        "strings": info.strings,
        "line_strings": info.line_strings,
        "string_offsets": reader.indexed_strings(),
        "inline": lambda raw: raw.decode("latin-1"),
        "uleb": uleb128,
        "sleb": sleb128,
    }
    return _evaluate(reads, info.data[reader.unit.start : reader.unit.end], position, **names)


def _evaluate(reads: Reads, data: bytes, position: int = 0, **names: Any) -> tuple[dict[int, Any], int]:
    """The same for a DIE that is all there is."""
    pairs = ", ".join(f"{a}: ({kind!r}, {source})" for a, (kind, source) in reads.values.items())
    body = "\n    ".join([*reads.lines, f"return {{{pairs}}}, {reads.end}"])
    names |= {name: unpacker.unpack_from for name, unpacker in reads.unpackers.items()} | {"data": data}
    exec(f"def decode(position):\n    {body}", names)
    values, end = names["decode"](position)
    return values, end
