"""The exact walk: gendwarfksyms' own traversal of a file, symbol by symbol (dwarf.c: process_cu).

It caches what the C tool caches, in its order, with all that follows from that: list commas that depend on the
walk, and names of renamed members that reach further than meant. The quick way (`texts.py`) is used wherever it
is provably equal; this one decides everywhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.symver.describe import Entry, TypeWalk
from kabicheck.symver.scope import symbol_name
from kabicheck.symver.symbols import State, Symbol, Symbols, is_pointer

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die
    from kabicheck.symver.dies import Dies
    from kabicheck.symver.rules import Rules


class Walk:
    """All exports of one object, walked as the C tool does. `rules` is None without --stable.

    entries: after `run`, (offset, COMPLETE or UNEXPANDED) → Entry.
    roots: after `run`, the offset of a symbol's DIE → its Entry.
    """

    def __init__(self, dies: Dies, symbols: Symbols, rules: Rules | None) -> None:
        self.info = dies.info
        self.symbols = symbols
        self.rules = rules
        self.roots: dict[int, Entry] = {}
        self._dies = dies
        self._types = TypeWalk(self._dies, rules)
        self.entries = self._types.entries

    def run(self) -> None:
        """Walk every unit (process_cu)."""
        for index, reader in enumerate(self._dies.readers):
            self._dies.start_unit()
            for candidate in self._dies.scopes(index).candidates:
                die = reader.read(candidate.offset)
                assert die is not None
                self._candidate(die, candidate.name, candidate.origin)
            for symbol in self.symbols:
                if symbol.state is State.UNPROCESSED and symbol.pointer is not None:
                    self._symbol(symbol, self._dies.die(symbol.pointer))

    def _candidate(self, die: Die, name: str | None, origin: int | None) -> None:
        """match_export_symbol and process_exported_symbols."""
        symbol = self.symbols.get(name)
        source = die
        if origin is not None:
            source = self._dies.die(origin)
            if symbol is None:
                symbol = self.symbols.get(symbol_name(self._dies.reader(source.offset), source))
        if symbol is None:
            return
        if is_pointer(symbol_name(self._dies.reader(source.offset), source)):
            self._save_pointer(symbol, source)
        else:
            self._symbol(symbol, source, function=die.tag == dw.TAG_SUBPROGRAM)

    def _save_pointer(self, symbol: Symbol, die: Die) -> None:
        """save_symbol_ptr: the type of a symbol that is defined elsewhere."""
        pointer = self._dies.type_of(die)
        if pointer is None or pointer.tag != dw.TAG_POINTER:
            raise self.info.error(die.offset, f"the pointer for {symbol.name} is no pointer")
        target = self._dies.type_of(pointer)
        if target is None:
            raise self.info.error(pointer.offset, f"the pointer for {symbol.name} has no type")
        function = target.tag == dw.TAG_SUBROUTINE
        self.symbols.set_pointer(symbol, target.offset if function else pointer.offset)

    def _symbol(self, symbol: Symbol, die: Die, *, function: bool | None = None) -> None:
        """process_symbol with process_subprogram or process_variable."""
        self.symbols.set_die(symbol, die.offset)
        if die.offset in self.roots:
            return
        entry = self.roots[die.offset] = Entry(die.offset, 0)
        entry.tag = die.tag
        self._types.symbol(
            entry, die, function=die.tag == dw.TAG_SUBROUTINE if function is None else function
        )
