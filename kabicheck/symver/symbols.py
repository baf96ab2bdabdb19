"""The exported symbols that are looked for, as gendwarfksyms keeps them (symbols.c)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from kabicheck.elf.tables import SHN_UNDEF, STB_LOCAL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.elf.image import Image

# A pointer of this name carries the type of a symbol that is defined elsewhere (symbols.c: is_symbol_ptr).
POINTER_PREFIX = "__gendwarfksyms_ptr_"
HASH_SIZE = 1 << 12  # SYMBOL_HASH_BITS
FNV_OFFSET, FNV_PRIME = 2166136261, 0x01000193


class State(IntEnum):
    """enum symbol_state."""

    UNPROCESSED = 0
    MAPPED = 1
    PROCESSED = 2


class Symbol:
    """struct symbol. `die` and `pointer` are offsets in .debug_info."""

    __slots__ = ("crc", "die", "name", "place", "pointer", "state")

    def __init__(self, name: str) -> None:
        self.name = name
        self.place: tuple[int, int] | None = None
        self.state = State.UNPROCESSED
        self.die: int | None = None
        self.pointer: int | None = None
        self.crc = 0


class Symbols:
    """The symbols of one object. Iteration is in the order of the C tool's hash table, which its output shows.

    `warnings` are sentences about what the symbol table says.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._by_name: dict[str, Symbol] = {}
        self._by_place: dict[tuple[int, int], list[Symbol]] = {}
        self.warnings: list[str] = []
        for name in names:
            if _stripped(name) not in self._by_name:
                self._by_name.setdefault(name, Symbol(name))
        self._ordered = _hash_order(self._by_name.values())

    def __iter__(self) -> Iterator[Symbol]:
        return iter(self._ordered)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def wanted(self) -> frozenset[str]:
        """Every name under which one of the symbols may be described."""
        return frozenset(self._by_name) | {POINTER_PREFIX + name for name in self._by_name}

    def read_addresses(self, source: Image | DebugInfo) -> None:
        """Take the addresses of global symbols, so that aliases share a version (symbol_read_symtab)."""
        for symbol in source.symbols:
            if symbol.binding == STB_LOCAL or symbol.section == SHN_UNDEF or not symbol.name:
                continue
            match = self._by_name.get(_stripped(symbol.name))
            if match is None:
                continue
            place = (symbol.section, symbol.value)
            if match.place is None:
                match.place = place
                self._by_place.setdefault(place, []).insert(0, match)
            elif match.place != place:
                self.warnings.append(f"multiple addresses for symbol {match.name}?")

    def matches(self, name: str | None) -> list[Symbol]:
        """The symbol of that name and all at its address (symbols.c: for_each)."""
        if not name:
            return []
        match = self._by_name.get(_stripped(name))
        if match is None:
            return []
        if match.place is None:
            return [match]
        return [match, *(other for other in self._by_place[match.place] if other is not match)]

    def get(self, name: str | None) -> Symbol | None:
        """A symbol of that name that still lacks a DIE (symbol_get)."""
        found = None
        for symbol in self.matches(name):
            if symbol.state is State.UNPROCESSED:
                found = symbol
        return found

    def is_alias(self, symbol: Symbol) -> bool:
        """Whether another symbol at the same address comes first, whose version this one shares (expand_symbol)."""
        if symbol.place is None or len(self._by_place[symbol.place]) == 1:
            return False
        group = {id(match) for match in self._by_place[symbol.place]}
        return next(match for match in self._ordered if id(match) in group) is not symbol

    def set_die(self, symbol: Symbol, die: int) -> None:
        """symbol_set_die: the symbol and all its aliases have their DIE."""
        for match in self.matches(symbol.name):
            match.die, match.state = die, State.MAPPED

    def set_pointer(self, symbol: Symbol, die: int) -> None:
        """symbol_set_ptr."""
        for match in self.matches(symbol.name):
            match.pointer = die

    def set_crc(self, symbol: Symbol, crc: int) -> None:
        """symbol_set_crc."""
        for match in self.matches(symbol.name):
            match.crc, match.state = crc, State.PROCESSED


def is_pointer(name: str | None) -> bool:
    """Whether this is the name of a `__gendwarfksyms_ptr_NAME` pointer."""
    return name is not None and name.startswith(POINTER_PREFIX)


def _stripped(name: str) -> str:
    return name.removeprefix(POINTER_PREFIX)


def _hash_order(symbols: Iterable[Symbol]) -> list[Symbol]:
    """By bucket of the fnv32 hash; within a bucket the last one added comes first (hlist_add_head)."""
    numbered = [(_bucket(symbol.name), -number, symbol) for number, symbol in enumerate(symbols)]
    return [symbol for _, _, symbol in sorted(numbered, key=lambda item: item[:2])]


def _bucket(name: str) -> int:
    value = FNV_OFFSET
    for byte in name.encode("latin-1"):
        # hash.h takes plain `char`, which is signed where the kernel is built
        value = ((value ^ (byte - 256 if byte > 127 else byte)) * FNV_PRIME) & 0xFFFFFFFF
    return value % HASH_SIZE
