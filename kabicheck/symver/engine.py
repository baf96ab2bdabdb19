"""Chooses how an object is versioned: the quick way where it is provably equal, else the exact walk."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.symver.dies import Dies
from kabicheck.symver.kabi_members import PREFIX as KABI_PREFIX
from kabicheck.symver.names import may_mention
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.order import lost_commas
from kabicheck.symver.outside_rules import require_references
from kabicheck.symver.quick import QuickReading
from kabicheck.symver.symbols import State, Symbols
from kabicheck.symver.texts import UNREADABLE
from kabicheck.symver.types import collect
from kabicheck.symver.version import Versions
from kabicheck.symver.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.symver.rules import Rules
    from kabicheck.symver.types import TypeStrings


class Versioned(NamedTuple):
    """An object's symbols as found, with their CRCs, and the type strings of all that they reach.

    exact: why the exact walk was needed, "" where it was not.
    order_dependent: exports whose version depends on the order of the walk, and so on which other symbols are exported
        → the type that causes it.
    """

    symbols: Symbols
    strings: TypeStrings
    versions: Versions
    exact: str = ""
    order_dependent: Mapping[str, str] = MappingProxyType({})


@contextmanager
def _uncollected() -> Iterator[None]:
    """Versioning makes values by the hundred thousand and no garbage: the collector would look through them in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_uncollected()
def version_symbols(
    info: DebugInfo, names: Sequence[str], rules: Rules | None, outside: Sequence[KabiRule] = ()
) -> Versioned:
    """Version the symbols that an object describes. Raises ObjectError; UsageError for a rule that makes no sense.

    outside: kABI rules outside the source, which need `rules`.
    """
    if rules is not None:
        rules.add(outside)
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
    symbols.read_addresses(info)
    if rules is not None:
        rules.used.clear()  # what the quick way came across before it gave up
    walk = Walk(Dies(info), symbols, rules)
    walk.run()
    strings = collect(walk)
    if rules is not None:
        require_references(rules, strings)
    return _versioned(symbols, strings, Versions(strings, info.path), why)


def quick(info: DebugInfo, names: Sequence[str], rules: Rules | None) -> Versioned:
    """The quick way. Raises NotProven, or one of UNREADABLE."""
    if rules is not None and not rules and not _mentions_kabi(info):
        rules = None
    reading = QuickReading(info, names, rules)
    strings = reading.strings
    overrides = strings.overrides()
    if overrides and reading.lists.conflated:
        raise NotProven("a type string for several types that share a name")
    if rules is not None:
        require_references(rules, strings)
    versions = Versions(strings, info.path)
    doubtful = lost_commas(reading.lists, strings, versions)
    lost: dict[str, str] = {}
    why = ""
    if doubtful:
        graph = QuickReading(info, names, rules, graph=True)
        commas = lost_commas(graph.lists, graph.strings, Versions(graph.strings, info.path), doubtful)
        lost = reading.lists.drop(commas)
        why = "the order of the walk" + ("" if lost else ", which turned out not to matter")
    if lost or overrides:
        strings.replace(lost)
        strings.override(overrides)
        versions = Versions(strings, info.path)
    result = _versioned(reading.symbols, strings, versions, why)
    causes = {name.encode("latin-1") for name in lost.keys() - overrides.keys()}
    by_order = {
        name: min(found).decode("latin-1")
        for name in strings.symbols
        if causes and (found := causes & (versions.reached(name) | {name.encode("latin-1")}))
    }
    return result._replace(order_dependent=by_order) if by_order else result


def _versioned(symbols: Symbols, strings: TypeStrings, versions: Versions, why: str) -> Versioned:
    for symbol in symbols:
        if symbol.name in strings.symbols and symbol.state is not State.PROCESSED:
            symbols.set_crc(symbol, versions.crc(symbol.name))
    return Versioned(symbols, strings, versions, why)


def _mentions_kabi(info: DebugInfo) -> bool:
    """Whether any name may be a `__kabi_*` one; without, --stable changes nothing."""
    return may_mention(info, KABI_PREFIX)
