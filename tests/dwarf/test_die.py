"""The careful reader: every form, children and siblings, and what it says of broken DIEs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError
from tests.dwarf.objects import LAYOUTS, dies, first, read
from tests.dwarf_writer import Form, Unit, die, write
from tests.elf_writer import Section, write_elf

if TYPE_CHECKING:
    from tests import dwarf_writer as writer

every_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=str)
MAX = (1 << 64) - 1

# A form, what is written, and what dwarf_formudata gives.
NUMBERS: list[tuple[str, int | str | bytes, int | None]] = [
    ("data1", 200, 200),
    ("data2", 60000, 60000),
    ("data4", 4000000000, 4000000000),
    ("data8", MAX, MAX),
    ("udata", 300, 300),
    ("udata", MAX, MAX),
    ("sdata", 5, 5),
    ("sdata", -1, MAX),
    ("sdata", -(1 << 63), 1 << 63),
    ("implicit_const", 7, 7),
    ("implicit_const", -2, MAX - 1),
    ("sec_offset", 99, 99),
    ("flag", 1, None),
    ("flag_present", 1, None),
    ("data16", 1, None),
    ("exprloc", b"\x23\x08", None),
    ("block1", b"\x23\x08", None),
    ("block2", b"x" * 300, None),
    ("block4", b"", None),
    ("block", b"x" * 200, None),
    ("string", "8", None),
    ("addr", 8, None),
    ("ref_sig8", 8, None),
    ("addrx", 300, None),
    ("addrx1", 3, None),
    ("addrx3", 3, None),
    ("loclistx", 3, None),
    ("rnglistx", 3, None),
]


@every_layout
def test_numbers(layout: tuple[str, int, int, bool]) -> None:
    for form, written, value in NUMBERS:
        each = die("member", data_member_location=Form(form, written), bit_size=Form("data1", 3))
        reader, found = first(each, layout=layout)
        assert reader.number(found, dw.AT_DATA_MEMBER_LOCATION) == value, form
        assert reader.number(found, dw.AT_BIT_SIZE) == 3, form  # nothing is read at a wrong place behind it
        assert reader.number(found, dw.AT_ALIGNMENT) is None


@every_layout
def test_strings(layout: tuple[str, int, int, bool]) -> None:
    forms = ["strp", "line_strp", "string", "strx", "strx1", "strx2", "strx3", "strx4"]
    other = die("base_type", name=Form("strx", "before"))
    for form in forms:
        each = die("base_type", name=Form(form, "caf\xe9 int"), bit_size=3)
        reader, found = first(each, other, layout=layout)
        assert reader.text(found, dw.AT_NAME) == "caf\xe9 int", form
        assert reader.number(found, dw.AT_BIT_SIZE) == 3, form
        assert reader.text(found, dw.AT_LINKAGE_NAME) is None


@every_layout
def test_references(layout: tuple[str, int, int, bool]) -> None:
    target = die("base_type", name="int")
    for form in ("ref1", "ref2", "ref4", "ref8", "ref_udata", "ref_addr"):
        reader, found = first(die("const_type", type=Form(form, target)), target, layout=layout)
        offset = reader.reference(found, dw.AT_TYPE)
        assert offset is not None
        referred = reader.read(offset)
        assert referred is not None
        assert reader.text(referred, dw.AT_NAME) == "int", form
        assert reader.reference(found, dw.AT_ABSTRACT_ORIGIN) is None


def test_a_reference_into_another_unit() -> None:
    target = die("base_type", name="int")
    info = read(Unit(die("const_type", type=target)), Unit(target))
    found = next(dies(DieReader(info, info.units[0])))
    offset = DieReader(info, info.units[0]).reference(found, dw.AT_TYPE)
    assert offset is not None
    other = DieReader(info, info.units[1])
    referred = other.read(offset)
    assert referred is not None
    assert other.text(referred, dw.AT_NAME) == "int"
    with pytest.raises(ObjectError, match="an offset outside its unit"):
        DieReader(info, info.units[0]).read(offset)


@pytest.mark.parametrize(("form", "value"), [("flag", True), ("flag_present", True), ("flag", False)])
def test_flags(form: str, value: bool) -> None:
    reader, found = first(die("member", declaration=Form(form, value)))
    assert reader.flag(found, dw.AT_DECLARATION) is value
    assert not reader.flag(found, dw.AT_NAME)


def test_indirect_forms() -> None:
    each = die(
        "base_type", name=Form("strp", "int", indirect=True), byte_size=Form("sdata", -1, indirect=True)
    )
    reader, found = first(each)
    assert reader.text(found, dw.AT_NAME) == "int"
    assert reader.number(found, dw.AT_BYTE_SIZE) == MAX
    with pytest.raises(ObjectError, match="DW_FORM_indirect leads to itself"):
        first(die("base_type", byte_size=Form("indirect", 1, indirect=True)))


def test_the_first_of_two_attributes_counts() -> None:
    each = die("base_type", byte_size=4)
    each.attributes.append(("byte_size", 8))
    reader, found = first(each)
    assert reader.number(found, dw.AT_BYTE_SIZE) == 4


@pytest.mark.parametrize("siblings", [False, True])
def test_children_and_what_is_behind_them(siblings: bool) -> None:
    inner = die("structure_type", die("member", name="deep"), name="inner")
    outer = die("structure_type", die("member", name="a"), inner, die("member", name="b"), name="outer")
    info = read(Unit(outer, die("base_type", name="last"), siblings=siblings))
    reader = DieReader(info, info.units[0])
    found = list(dies(reader))
    assert [reader.text(each, dw.AT_NAME) for each in found] == ["outer", "last"]
    assert [reader.text(each, dw.AT_NAME) for each in reader.children(found[0])] == ["a", "inner", "b"]
    assert reader.behind(found[0]) == found[1].offset
    assert (dw.AT_SIBLING in found[0].attributes) is siblings
    assert list(reader.children(found[1])) == []


@pytest.mark.parametrize("target", [0, 11, 1 << 20])
def test_siblings_that_lead_elsewhere(target: int) -> None:
    reader, found = first(die("structure_type", die("member", name="a"), sibling=Form("ref4", target)))
    with pytest.raises(ObjectError, match=r"DW_AT_sibling points to 0x.* at \.debug_info\+0xd$"):
        reader.behind(found)


def test_a_list_of_children_without_an_end() -> None:
    """The end of the unit ends it too, as in libdw."""
    abbrev = b"\x01\x11\x01\x00\x00\x02\x24\x00\x00\x00\x00"
    data = bytes([12, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0, 1, 2, 2, 2])
    sections = [Section(".debug_info", data), Section(".debug_abbrev", abbrev)]
    info = DebugInfo(Image("x.o", write_elf(sections, linked=True)))
    assert len(list(dies(DieReader(info, info.units[0])))) == 3


def test_offsets_outside_the_unit() -> None:
    reader, found = first(die("base_type", name="int"))
    for offset in (0, reader.unit.root - 1, reader.unit.end, 1 << 70):
        with pytest.raises(ObjectError, match=r"^x\.o: an offset outside its unit at \.debug_info\+0x"):
            reader.read(offset)
    assert reader.read(found.first) is None  # the null entry


def test_what_cannot_be_read_is_an_error() -> None:
    cases: list[tuple[writer.Die, str]] = [
        (die("base_type", name=Form("data1", 3)), "strings of form 0xb"),
        (die("base_type", name=Form("strp_sup", 3)), "a string of a supplementary file"),
        (die("base_type", name=Form("strp", 1 << 20)), "string offset 0x100000"),
        (die("base_type", type=Form("ref_sig8", 3)), "references of form 0x20"),
    ]
    for each, words in cases:
        reader, found = first(each)
        with pytest.raises(ObjectError, match=rf"^x\.o: .*{words}.* at \.debug_info\+0x"):
            if dw.AT_TYPE in found.attributes:
                reader.reference(found, dw.AT_TYPE)
            else:
                reader.text(found, dw.AT_NAME)


def test_dies_that_are_cut_short() -> None:
    """A unit that ends inside its DIEs: an error with a place, or fewer DIEs, never anything else."""
    whole = die(
        "base_type", name=Form("string", "long"), byte_size=Form("data8", 8), encoding=Form("block1", b"x")
    )
    content = write([Unit(whole)], relocations=False)
    image = Image("x.o", content)
    section = image.section(".debug_info")
    assert section is not None
    errors = 0
    for cut in range(1, 19):
        data = bytearray(image.contents(section)[:-cut])
        data[:4] = (len(data) - 4).to_bytes(4, "little")
        abbrev = image.section(".debug_abbrev")
        assert abbrev is not None
        sections = [Section(".debug_info", bytes(data)), Section(".debug_abbrev", image.contents(abbrev))]
        info = DebugInfo(Image("x.o", write_elf(sections, linked=True)))
        try:
            list(dies(DieReader(info, info.units[0])))
        except ObjectError as error:
            errors += 1
            assert ".debug_info+0x" in str(error)
    assert errors >= 15


def test_an_abbreviation_that_does_not_exist() -> None:
    abbrev = b"\x01\x11\x01\x00\x00\x00"
    data = bytes([11, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0, 1, 9, 0])
    sections = [Section(".debug_info", data), Section(".debug_abbrev", abbrev)]
    info = DebugInfo(Image("x.o", write_elf(sections, linked=True)))
    with pytest.raises(ObjectError, match=r"^x\.o: abbreviation 9 does not exist at \.debug_info\+0xd$"):
        list(dies(DieReader(info, info.units[0])))


def test_a_form_that_does_not_exist() -> None:
    abbrev = b"\x01\x11\x00\x03\x7e\x00\x00\x00"
    data = bytes([9, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0, 1])
    sections = [Section(".debug_info", data), Section(".debug_abbrev", abbrev)]
    info = DebugInfo(Image("x.o", write_elf(sections, linked=True)))
    with pytest.raises(ObjectError, match=r"^x\.o: form 0x7e is not known at \.debug_info\+0x"):
        DieReader(info, info.units[0]).root()
