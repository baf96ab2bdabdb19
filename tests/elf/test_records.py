"""`.export_symbol`, and every way in which it can disagree with itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kabicheck.elf.exports import holds_exports, read_exports
from kabicheck.elf.image import Image
from kabicheck.errors import KabicheckError, ObjectError
from kabicheck.model import Export
from tests.dwarf_writer import exported
from tests.elf_writer import LOCAL, SHT_NOBITS, Relocation, Section, Symbol, write_elf

TWO = (("f", "", ""), ("g", "GPL", "USB"))
STT_FUNC = 2


@pytest.mark.parametrize("machine", ["x86_64", "arm", "s390x"])
def test_every_bit_of_what_describes_an_export(machine: str) -> None:
    """A damaged copy says the same, shows another name or attribute, or is an error; nothing is ever missing."""
    content = _written(machine=machine)
    sound = set(read_exports(Image("x.o", content)))
    errors = 0
    for at in range(len(content)):
        for bit in range(8):
            copy = content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]
            try:
                image = Image("x.o", copy)
                assert holds_exports(image), (at, bit)
                found = read_exports(image)
            except KabicheckError as error:
                errors += 1
                assert str(error).startswith("x.o: ")
                continue
            assert len(found) == len(sound), (at, bit)
    assert errors > len(content)  # of eight bits at each place


def _written(
    section: Section | None = None,
    labels: list[Symbol] | None = None,
    others: tuple[Symbol, ...] = (),
    machine: str = "x86_64",
) -> bytes:
    made, symbols = exported(*TWO, machine=machine)
    text = Section(".text", bytes(16))
    return write_elf(
        [section or made, text], [*(symbols if labels is None else labels), *others], machine=machine
    )


def _refused(content: bytes) -> str:
    with pytest.raises(ObjectError) as error:
        read_exports(Image("x.o", content))
    return str(error.value).removeprefix("x.o: damaged: ")


def test_a_lost_label() -> None:
    section, symbols = exported(*TWO)
    for lost, at in ((0, 0), (1, 16)):
        kept = [s for n, s in enumerate(symbols) if n != lost]
        assert (
            _refused(_written(labels=kept)) == f"no label says whose record this is at .export_symbol+{at:#x}"
        )
    stripped = [s for s in symbols if not s.name.startswith("__export_symbol_")]
    assert _refused(_written(labels=stripped)).endswith("(strip, ld -x), take it as it was compiled)")
    elsewhere = [replace(symbols[0], section=".text"), *symbols[1:]]
    assert "no label says whose record this is" in _refused(_written(labels=elsewhere))
    more = Symbol("__export_symbol_h", ".text", 0, LOCAL)
    assert _refused(_written(others=(more,))) == "the label __export_symbol_h is not in .export_symbol"
    twice = replace(symbols[1], value=0)
    assert "labels for f and g in one place" in _refused(_written(labels=[symbols[0], twice, *symbols[2:]]))
    beyond = Symbol("__export_symbol_h", ".export_symbol", len(section.data), LOCAL)
    assert "the label of h is at no record at .export_symbol+0x20" in _refused(_written(others=(beyond,)))


def test_a_renamed_section_is_missed() -> None:
    """A folder's objects without such a section are passed over, unless symbols speak of exports."""
    section, labels = exported(*TWO)
    content = write_elf(
        [replace(section, name=".export_symbop")],
        [replace(s, section=s.section and ".export_symbop") for s in labels],
    )
    with pytest.raises(ObjectError, match=r"the label __export_symbol_f is not in \.export_symbol"):
        holds_exports(Image("x.o", content))


def test_relocations() -> None:
    section, _ = exported(*TWO)
    first, second = section.relocations
    for relocations, problem in (
        ((first,), "the record of g has no relocation at .export_symbol+0x10"),
        ((), "the record of f has no relocation at .export_symbol+0x0"),
        ((first, replace(second, at=16)), "the record of g has no relocation at .export_symbol+0x10"),
        ((first, first, second), "two relocations in one place at .export_symbol+0x8"),
        ((first, replace(second, symbol="f")), "the record of g refers to f at .export_symbol+0x18"),
        ((first, replace(second, addend=8)), "the record of g refers to g at .export_symbol+0x18"),
        ((first, replace(second, type=2)), "the record of g refers to no symbol at .export_symbol+0x18"),
        ((first, replace(second, symbol="")), "the record of g refers to no symbol at .export_symbol+0x18"),
        ((first, second, Relocation(2, 4, "f")), "a relocation in no record at .export_symbol+0x2"),
    ):
        assert _refused(_written(replace(section, relocations=relocations))) == problem


def test_strings() -> None:
    section, _ = exported(*TWO)
    data = section.data
    for damaged, problem in (
        (data.replace(b"GPL", b"GPN"), "g has the unknown licence 'GPN' at .export_symbol+0x10"),
        (data.replace(b"USB", b"U\0B"), "the record of g has no relocation at .export_symbol+0x10"),
        (data[:-4], "the record of g has no relocation at .export_symbol+0x10"),
        (data + bytes(8), "no label says whose record this is at .export_symbol+0x20"),
    ):
        assert _refused(_written(replace(section, data=damaged))) == problem
    assert _refused(_written(replace(section, type=SHT_NOBITS))).startswith("the exports' records are not")
    odd = replace(section, data=data.replace(b"USB", b"\x40  "))
    assert "the export 'g' has the namespace '@  '" in _refused(_written(odd))


def test_what_only_this_object_sees_is_not_exported() -> None:
    """As modpost says it: assemblers refer to such symbols by their section."""
    section, labels = exported(*TWO)
    labels = [s for s in labels if s.name != "g"]
    at_section = replace(section.relocations[1], symbol=".text", addend=8)
    content = replace(section, relocations=(section.relocations[0], at_section))
    local = Symbol("g", ".text", 8, LOCAL)
    assert _refused(_written(content, [*labels, local])) == (
        "the exported symbol g is local at .export_symbol+0x18"
    )
    other = Symbol("g", ".text", 4)
    assert _refused(_written(content, [*labels, other])) == (
        "the record of g refers to something else at .export_symbol+0x18"
    )
    seen = read_exports(Image("x.o", _written(content, [*labels, Symbol("g", ".text", 8)])))
    assert seen == (Export("f"), Export("g", "GPL", "USB"))
    thumb = Symbol("g", ".text", 9, type=STT_FUNC)
    assert read_exports(Image("x.o", _written(content, [*labels, thumb]))) == seen


def test_several_sections() -> None:
    """A linker that keeps them apart."""
    (one, first), (two, second) = exported(TWO[0]), exported(TWO[1])
    content = bytearray(
        write_elf(
            [one, replace(two, name=".export_symbom")],
            [*first, *(replace(s, section=s.section and ".export_symbom") for s in second)],
        )
    )
    content = bytearray(bytes(content).replace(b".export_symbom", b".export_symbol"))
    assert read_exports(Image("x.o", bytes(content))) == (Export("f"), Export("g", "GPL", "USB"))
