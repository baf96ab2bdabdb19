"""The quick way through a file: find the symbols, and build the type strings of all that they reach."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from kabicheck.dwarf.joined import JoinedInfo
from kabicheck.symver.decoders import Made
from kabicheck.symver.dies import Dies
from kabicheck.symver.kabi_members import KabiMembers
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.order import Lists, cut, without_lists
from kabicheck.symver.ruled import RuledTexts
from kabicheck.symver.stable import StableTexts
from kabicheck.symver.symbols import State, Symbols, is_pointer
from kabicheck.symver.texts import UnitTexts
from kabicheck.symver.types import TypeStrings
from kabicheck.symver.unit_names import Names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.symver.rules import Rules
    from kabicheck.symver.scope import Candidate
    from kabicheck.symver.symbols import Symbol
    from kabicheck.symver.texts import Neighbours


class QuickReading:
    """All units of a file. Raises NotProven, or one of UNREADABLE.

    Given are the rules of --stable (`rules`), None where that changes nothing, and whether unnamed types get references
    of their own (`graph`), for who asks about paths and not about text (order.py).
    """

    def __init__(
        self, info: DebugInfo, names: Sequence[str], rules: Rules | None, *, graph: bool = False
    ) -> None:
        self.info = info
        self.symbols = Symbols(names)
        self.symbols.read_addresses(info)
        self.strings = TypeStrings(rules)
        self.lists = Lists()
        self._walked: dict[int, str] = {}  # offset of a symbol's DIE → type string, in the order of the walk
        self._graph = graph
        self._names = Names(info)
        if isinstance(info, JoinedInfo):
            if rules is not None:
                raise NotProven("kABI rules for units that refer to each other")
            self._read_joined(info)
        else:
            self._read_units(rules)
        for symbol in self.symbols:
            if symbol.die in self._walked:
                found = self.strings.aliases if self.symbols.is_alias(symbol) else self.strings.symbols
                found[symbol.name] = without_lists(self._walked[symbol.die])
        by_die: dict[int | None, list[str]] = {}  # several exports where symbol pointers share a type
        for symbol in self.symbols:
            if symbol.name in self.strings.symbols:
                by_die.setdefault(symbol.die, []).append(symbol.name)
        self.lists.roots = {name: cut(text) for die, text in self._walked.items() for name in by_die[die]}

    def _read_units(self, rules: Rules | None) -> None:
        """Units that know nothing of each other."""
        info, wanted = self.info, self.symbols.wanted
        kabi = KabiMembers(Dies(info), rules) if rules is not None else None
        for unit in info.units:
            common = info, unit, self.strings, self.lists, self._names
            if kabi is None or rules is None:
                texts = UnitTexts(*common, graph=self._graph)
            elif rules:
                texts = RuledTexts(*common, kabi=kabi, rules=rules, graph=self._graph)
            else:
                texts = StableTexts(*common, kabi=kabi, graph=self._graph)
            self._read_unit(texts, texts.outline.candidates(wanted))
            texts.drain()
            _refuse_cycles(texts.typedefs)
            texts.release()

    def _read_joined(self, info: JoinedInfo) -> None:
        """A unit and those that it imports, which are one to gendwarfksyms: in the order of the file before dwz."""
        wanted = self.symbols.wanted
        starts = [unit.start for unit in info.units]

        def holding(offset: int) -> UnitTexts:
            return made[bisect_right(starts, offset) - 1]

        def make(number: int) -> UnitTexts:
            common = info, info.units[number], self.strings, self.lists, self._names
            texts = UnitTexts(*common, graph=self._graph, neighbours=holding)
            texts.outline.candidates(())  # finds the scopes
            return texts

        made: dict[int, UnitTexts] = Made(make)
        for number, partial in enumerate(info.partials):
            if partial is not None and partial.symbols is None:
                partial.symbols = frozenset(made[number].outline.described())
            if partial is None or not wanted.isdisjoint(partial.symbols or ()):
                self._read_unit(made[number], made[number].outline.candidates(wanted), holding)
        while waiting := [texts for texts in made.values() if not texts.drained]:
            for texts in waiting:
                texts.drain()
        typedefs: dict[str, set[str]] = {}
        for texts in made.values():
            for name, mentioned in texts.typedefs.items():
                typedefs.setdefault(name, set()).update(mentioned)
            texts.release()
        _refuse_cycles(typedefs)

    def _read_unit(
        self, texts: UnitTexts, candidates: list[Candidate], holding: Neighbours | None = None
    ) -> None:
        """process_cu. holding: gives the unit that holds a symbol pointer's type, where that may be another one."""
        start = texts.unit.start
        for candidate in candidates:
            symbol, at = self._match(texts, candidate)
            if symbol is None:
                continue
            if is_pointer(texts.outline.name(at)):
                self.symbols.set_pointer(symbol, texts.pointed_type(at))
            else:
                self.symbols.set_die(symbol, start + at)
                self._add(texts, start + at)
        for symbol in self.symbols:
            if symbol.state is State.UNPROCESSED and symbol.pointer is not None:
                self.symbols.set_die(symbol, symbol.pointer)
                self._add(holding(symbol.pointer) if holding else texts, symbol.pointer)

    def _match(self, texts: UnitTexts, candidate: Candidate) -> tuple[Symbol | None, int]:
        """match_export_symbol: the symbol, and where its type information is."""
        symbol = self.symbols.get(candidate.name)
        if candidate.origin is None:
            return symbol, candidate.offset
        if candidate.origin < 0:
            raise NotProven("an abstract origin in another unit")
        name = texts.outline.name(candidate.origin)
        if name is None or texts.decoded.tag(candidate.origin) != candidate.tag:
            raise NotProven("an abstract origin of another name or kind")
        return symbol or self.symbols.get(name), candidate.origin

    def _add(self, texts: UnitTexts, die: int) -> None:
        if die not in self._walked:
            self._walked[die] = texts.symbol_text(die - texts.unit.start)


def _refuse_cycles(typedefs: Mapping[str, set[str]]) -> None:
    """A typedef that contains itself is walked without end, if no structure is between; the exact walk finds out.

    typedefs: those that mention typedefs → which. The time is in proportion to their number, however deep they nest.
    """
    inner = {name: found for name, mentioned in typedefs.items() if (found := mentioned & typedefs.keys())}
    users: dict[str, list[str]] = {}
    for name, mentioned in inner.items():
        for each in mentioned:
            users.setdefault(each, []).append(name)
    unsure = {name: len(mentioned) for name, mentioned in inner.items()}
    safe = [name for name in users if name not in unsure]
    for name in safe:  # which grows: what mentions only safe ones is on no cycle
        for user in users.get(name, ()):
            unsure[user] -= 1
            if not unsure[user]:
                safe.append(user)
    if any(unsure.values()):
        raise NotProven("a typedef of itself")
