"""Chooses how an object is versioned: the quick way where it is provably equal, else the exact walk."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.symver.kabi import PREFIX as KABI_PREFIX
from kabicheck.symver.order import Lists, may_depend_on_order, without_lists
from kabicheck.symver.proof import NotProven
from kabicheck.symver.symbols import State, Symbols, is_pointer
from kabicheck.symver.texts import UNREADABLE, CheckedStrings, UnitTexts
from kabicheck.symver.types import TypeStrings, collect
from kabicheck.symver.version import Versions
from kabicheck.symver.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.symver.rules import Rules


class Versioned(NamedTuple):
    """An object's symbols as found, with their CRCs, and the type strings of all that they reach.

    exact: why the exact walk was needed, "" where it was not; order_dependent: exports whose version depends on
    the order of the walk (and so on which other symbols are exported) → the type that causes it.
    """

    symbols: Symbols
    strings: TypeStrings
    versions: Versions
    exact: str = ""
    order_dependent: Mapping[str, str] = MappingProxyType({})


def version_symbols(info: DebugInfo, names: Sequence[str], rules: Rules | None) -> Versioned:
    """Version the symbols that an object describes. Raises ObjectError."""
    try:
        return quick(info, names, rules)
    except NotProven as reason:
        return exact(info, names, rules, str(reason))
    except UNREADABLE:
        # The careful reader finds out what is wrong, and where.
        return exact(info, names, rules, "unreadable")


def exact(info: DebugInfo, names: Sequence[str], rules: Rules | None, why: str = "asked for") -> Versioned:
    """The exact walk, whatever it costs."""
    symbols = Symbols(names)
    symbols.read_addresses(info.image)
    walk = Walk(info, symbols, rules)
    walk.run()
    return _versioned(info, symbols, collect(walk), why)


def quick(info: DebugInfo, names: Sequence[str], rules: Rules | None) -> Versioned:
    """The quick way. Raises NotProven, or one of UNREADABLE."""
    if rules is not None and (rules or _mentions_kabi(info)):
        raise NotProven("kABI rules")
    versioned, lists = _quick(info, names, rules, Lists())
    doubtful = may_depend_on_order(lists, versioned.strings, versioned.versions)
    if not doubtful:
        return versioned
    dropped = _dropped_commas(info, names, doubtful)
    if not dropped:
        return versioned._replace(exact="the order of the walk, which turned out not to matter")
    versioned, lists = _quick(info, names, rules, Lists(dropped))
    causes = lists.holders_of_dropped()
    order_dependent = {
        symbol.name: min(reached).decode("latin-1")
        for symbol in versioned.symbols
        if symbol.name in versioned.strings.symbols
        and (reached := causes & versioned.versions.reached(symbol.name))
    }
    return versioned._replace(exact="the order of the walk", order_dependent=order_dependent)


def _dropped_commas(info: DebugInfo, names: Sequence[str], lists: set[int]) -> dict[int, frozenset[int]]:
    """Walk exactly until all lists in doubt are walked: nothing after that can change them (order.py)."""
    symbols = Symbols(names)
    symbols.read_addresses(info.image)
    walk = Walk(info, symbols, None)
    walk.run(until=lists)
    return {offset: lost for offset in lists if (lost := walk.dropped(offset))}


def _quick(
    info: DebugInfo, names: Sequence[str], rules: Rules | None, lists: Lists
) -> tuple[Versioned, Lists]:
    symbols = Symbols(names)
    symbols.read_addresses(info.image)
    strings = TypeStrings(rules)
    tables = CheckedStrings(info.strings.data), CheckedStrings(info.line_strings.data)
    walked: dict[int, str] = {}  # offset of a symbol's DIE → its type string, in the order of the walk
    for unit in info.units:
        _quick_unit(UnitTexts(info, unit, strings, lists, tables), symbols, walked)
    for symbol in symbols:
        if symbol.die in walked:
            strings.symbols[symbol.name] = without_lists(walked[symbol.die])
    names_by_die = {symbol.die: symbol.name for symbol in symbols}
    lists.roots = {names_by_die[die]: text for die, text in walked.items()}
    return _versioned(info, symbols, strings, ""), lists


def _versioned(info: DebugInfo, symbols: Symbols, strings: TypeStrings, why: str) -> Versioned:
    versions = Versions(strings, info.path)
    for symbol in symbols:
        if symbol.name in strings.symbols and symbol.state is not State.PROCESSED:
            symbols.set_crc(symbol, versions.crc(symbol.name))
    return Versioned(symbols, strings, versions, why)


def _quick_unit(texts: UnitTexts, symbols: Symbols, walked: dict[int, str]) -> None:
    """process_cu."""
    start, outline = texts.unit.start, texts.outline
    for candidate in outline.candidates(symbols.wanted):
        symbol = symbols.get(candidate.name)
        if symbol is None and candidate.origin is not None:
            symbol = symbols.get(outline.name(candidate.origin))
        if symbol is None:
            continue
        at = candidate.offset if candidate.origin is None else candidate.origin
        if is_pointer(outline.name(at)):
            symbols.set_pointer(symbol, start + texts.pointed_type(at))
        else:
            symbols.set_die(symbol, start + at)
            if start + at not in walked:
                walked[start + at] = texts.symbol_text(at)
    for symbol in symbols:
        if symbol.state is State.UNPROCESSED and symbol.pointer is not None:
            symbols.set_die(symbol, symbol.pointer)
            if symbol.pointer not in walked:
                walked[symbol.pointer] = texts.symbol_text(symbol.pointer - start)
    texts.drain()


def _mentions_kabi(info: DebugInfo) -> bool:
    """Whether any name may be a `__kabi_*` one; without, --stable changes nothing."""
    name = KABI_PREFIX.encode()
    return name in info.strings.data or name in info.line_strings.data or name in info.data
