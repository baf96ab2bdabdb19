"""Chooses how an object's type strings are read: the quick way where it is provably equal, else the exact walk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.symver.types import collect
from kabicheck.symver.walk import Walk

if TYPE_CHECKING:
    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.symver.rules import Rules
    from kabicheck.symver.symbols import Symbols
    from kabicheck.symver.types import TypeStrings


def read_type_strings(info: DebugInfo, symbols: Symbols, rules: Rules | None) -> TypeStrings:
    """The type strings of all symbols that an object describes; marks those symbols as found."""
    walk = Walk(info, symbols, rules)
    walk.run()
    return collect(walk)
