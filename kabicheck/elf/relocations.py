"""The relocations of one section, of all of it or of a part, read in bulk."""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from operator import le
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from kabicheck.errors import ObjectError, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kabicheck.elf.tables import Section, Symbol

SHT_RELA = 4
SHT_REL = 9

# Relocations that write "symbol + addend" as it is, by e_machine: what elfutils' backends call simple types.
ABSOLUTE_RELOCATIONS: dict[str, frozenset[int]] = {
    "EM_X86_64": frozenset({1, 10, 11}),  # R_X86_64_64, _32, _32S
    "EM_386": frozenset({1}),  # R_386_32
    "EM_AARCH64": frozenset({257, 258}),  # R_AARCH64_ABS64, _ABS32
    "EM_ARM": frozenset({2}),  # R_ARM_ABS32
    "EM_S390": frozenset({4, 22}),  # R_390_32, _64
    "EM_PPC64": frozenset({1, 38}),  # R_PPC64_ADDR32, _ADDR64
    "EM_PPC": frozenset({1}),  # R_PPC_ADDR32
    "EM_RISCV": frozenset({1, 2}),  # R_RISCV_32, _64
    "EM_LOONGARCH": frozenset({1, 2}),  # R_LARCH_32, _64
}


class Place(NamedTuple):
    """An address: section is an index and value an offset there; in a linked file section is 0 and value absolute."""

    section: int
    value: int


class Relocation(NamedTuple):
    """One relocation.

    offset: of the place, in its section.
    symbol: None where it names none.
    addend: what is added to the symbol's value.
    absolute: whether it writes symbol + addend as it is.
    """

    offset: int
    symbol: Symbol | None
    addend: int
    absolute: bool


class Relocatable(Protocol):
    """The file that relocations are read from.

    path: for messages.
    machine: e_machine, by its name.
    bits: 32 or 64.
    little: whether it is little-endian.
    sections: all, by index.
    """

    path: str
    machine: str
    bits: int
    little: bool
    sections: list[Section]

    @property
    def symbols(self) -> list[Symbol]:
        """All symbols but the first (null) one, in the order of the table."""

    def contents(self, section: Section) -> bytes:
        """A section's bytes."""

    def is_loaded(self, symbol: Symbol) -> bool:
        """Whether a symbol is in a section that the program has in memory, or elsewhere."""


class Relocations:
    """What a linker would write into a section of a relocatable file. Raises ObjectError, Unsupported."""

    def __init__(self, file: Relocatable, section: Section) -> None:
        absolute = ABSOLUTE_RELOCATIONS.get(file.machine)
        rows = [t for t in file.sections if t.info == section.index and t.type in (SHT_RELA, SHT_REL)]
        if rows and absolute is None:
            raise Unsupported(file.path, f"relocations of machine {file.machine} are not known")
        self._tables = [_Table(file, section, table, absolute or frozenset()) for table in rows]

    def values(self, start: int = 0, stop: int | None = None) -> dict[int, int]:
        """Offset from `start` → value, for references to debug sections between two offsets; None is the end.

        Debug sections of a relocatable file start at 0, so a value is the symbol's plus the addend. Relocations of
        other kinds (differences of addresses) are left out, and addresses of the program are their addends; nothing
        that a version depends on uses them.
        """
        if len(self._tables) == 1:
            return self._tables[0].values(start, stop)
        return {o: v for table in self._tables for o, v in table.values(start, stop).items()}

    def entries(self) -> Iterator[Relocation]:
        """All relocations one by one, of a section that has few."""
        for table in self._tables:
            yield from table.entries()

    def target(self, offset: int) -> Place | None:
        """Which address belongs at an offset; None where no relocation writes one."""
        for table in self._tables:
            place = table.target(offset)
            if place is not None:
                return place
        return None


class _Table:
    """A RELA or REL table. Tables are normally in the order of offsets, which is made sure of on first need."""

    def __init__(self, file: Relocatable, section: Section, table: Section, absolute: frozenset[int]) -> None:
        self._file, self._section, self._absolute = file, section, absolute
        self._explicit = table.type == SHT_RELA
        self._wide = file.bits == 64
        self._split = 32 if self._wide else 8
        raw = file.contents(table)
        width = 3 if self._explicit else 2
        if len(raw) % (width * (8 if self._wide else 4)):
            raise ObjectError(file.path, "damaged: the table ends within a relocation", section=table.name)
        flat: memoryview | array[int] = memoryview(raw).cast("Q" if self._wide else "I")
        if file.little != (sys.byteorder == "little"):
            swapped = array("Q" if self._wide else "I", raw)
            swapped.byteswap()
            flat = memoryview(swapped)
        self._offsets, self._infos = flat[0::width], flat[1::width]
        self._addends = flat[2::3] if self._explicit else None
        self._order: list[int] | None = None  # row numbers by offset, [] where they are in that order already
        self._bases: dict[int, int | None] = {}

    def values(self, start: int, stop: int | None) -> dict[int, int]:
        rows = self._rows(start, stop)
        if isinstance(rows, slice):
            offsets, infos = self._offsets[rows].tolist(), self._infos[rows].tolist()
            addends = self._addends[rows].tolist() if self._addends is not None else None
        else:
            offsets, infos = [self._offsets[n] for n in rows], [self._infos[n] for n in rows]
            addends = [self._addends[n] for n in rows] if self._addends is not None else None
        if addends is None:
            addends = self._implicit_addends(offsets)
        if start:
            offsets = [offset - start for offset in offsets]
        values = dict(zip(offsets, addends, strict=True))
        others = self._bases_of(set(infos))
        if others:
            mask = (1 << self._file.bits) - 1
            for offset, info, addend in zip(offsets, infos, addends, strict=True):
                if info in others:
                    base = others[info]
                    if base is None:
                        values.pop(offset, None)
                    else:
                        values[offset] = (base + addend) & mask
        return values

    def entries(self) -> Iterator[Relocation]:
        offsets, infos = self._offsets.tolist(), self._infos.tolist()
        addends = self._addends.tolist() if self._addends is not None else self._implicit_addends(offsets)
        one = (1 << self._split) - 1
        for offset, info, addend in zip(offsets, infos, addends, strict=True):
            yield Relocation(offset, self._symbol(info), addend, info & one in self._absolute)

    def target(self, offset: int) -> Place | None:
        rows = self._rows(offset, offset + 1)
        for row in range(rows.start, rows.stop) if isinstance(rows, slice) else rows:
            symbol = self._symbol(self._infos[row])
            if symbol is None or self._infos[row] & ((1 << self._split) - 1) not in self._absolute:
                continue
            (addend,) = (
                [self._addends[row]] if self._addends is not None else self._implicit_addends([offset])
            )
            return Place(symbol.section, (symbol.value + addend) & ((1 << self._file.bits) - 1))
        return None

    def _rows(self, start: int, stop: int | None) -> slice | list[int]:
        """The entries between two offsets."""
        if start == 0 and (stop is None or stop >= self._section.size):
            return slice(0, len(self._offsets))
        offsets = self._offsets
        if self._order is None:
            every = offsets.tolist()
            in_order = all(map(le, every, every[1:]))
            self._order = [] if in_order else sorted(range(len(every)), key=every.__getitem__)
        end = self._section.size if stop is None else stop
        if not self._order:
            return slice(bisect_left(offsets, start), bisect_left(offsets, end))
        key = offsets.__getitem__
        first = bisect_left(self._order, start, key=key)
        return self._order[first : bisect_left(self._order, end, key=key)]

    def _bases_of(self, infos: set[int]) -> dict[int, int | None]:
        """r_info → the symbol's value where it is not 0, or None where the relocation is not an absolute one."""
        bases, one = self._bases, (1 << self._split) - 1
        for info in infos - bases.keys():
            symbol = self._symbol(info)
            if symbol is not None and self._file.is_loaded(symbol):
                bases[info] = 0  # an address in the program, which nobody here asks for
            elif info & one not in self._absolute:
                bases[info] = None
            else:
                bases[info] = symbol.value if symbol else 0
        return {info: base for info in infos if (base := bases[info]) != 0}

    def _symbol(self, info: int) -> Symbol | None:
        number = info >> self._split
        symbols = self._file.symbols if number else []
        if number > len(symbols):
            raise ObjectError(self._file.path, f"a relocation names symbol {number}, which does not exist")
        return symbols[number - 1] if number else None

    def _implicit_addends(self, offsets: Iterable[int]) -> list[int]:
        """REL tables keep the addend in the place that they change; debug offsets there are 4 bytes wide."""
        data = self._file.contents(self._section)
        order: Literal["little", "big"] = "little" if self._file.little else "big"
        return [int.from_bytes(data[o : o + 4], order) if o + 4 <= len(data) else 0 for o in offsets]
