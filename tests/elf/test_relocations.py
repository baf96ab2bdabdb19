"""Relocations of a part of a section are those of the whole, in whatever order the table is."""

from __future__ import annotations

import random

import pytest

from kabicheck.elf.image import Image
from tests.elf_writer import MACHINES, Relocation, Section, Symbol, write_elf

COUNT = 40


def image(machine: str, *, shuffled: bool) -> Image:
    """`.debug_info` refers to `.debug_str`, and at every fourth place to a symbol of `.data`."""
    entries = [Relocation(8 * n, 4, ".debug_str" if n % 4 else "v", n) for n in range(COUNT)]
    if shuffled:
        random.Random(1).shuffle(entries)
    sections = [
        Section(".debug_info", bytes(8 * COUNT), relocations=tuple(entries)),
        Section(".debug_str", b"x\0"),
        Section(".data", bytes(8)),
    ]
    return Image("x.o", write_elf(sections, [Symbol("v", ".data", 0x100)], machine=machine))


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_part_has_the_relocations_of_the_whole(machine: str, shuffled: bool) -> None:
    read = image(machine, shuffled=shuffled)
    info = read.sections[1]
    whole = read.relocated(info)
    assert len(whole) == COUNT
    for start, stop in ((0, 8), (8, 80), (12, 100), (160, 8 * COUNT), (300, 301)):
        expected = {offset - start: value for offset, value in whole.items() if start <= offset < stop}
        assert read.relocated(info, start, stop) == expected


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("shuffled", [False, True])
def test_where_an_address_leads(machine: str, shuffled: bool) -> None:
    read = image(machine, shuffled=shuffled)
    relocations = read.relocations(read.sections[1])
    data = read.section(".data")
    assert data is not None
    assert relocations.target(8 * 12) == (data.index, 0x100 + 12)
    assert relocations.target(8 * 12 + 4) is None
