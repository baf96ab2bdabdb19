"""Names of scopes, and where the candidates for exported symbols are: one quick pass over a unit's outer DIEs.

Everything that is not a scope is jumped over. `prefix` answers for DIEs inside what was jumped over too; it
then looks closer, once.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from kabicheck.dwarf.constants import (
    AT_ABSTRACT_ORIGIN,
    AT_LINKAGE_NAME,
    AT_NAME,
    TAG_CLASS,
    TAG_MEMBER,
    TAG_NAMESPACE,
    TAG_STRUCTURE,
    TAG_SUBPROGRAM,
    TAG_VARIABLE,
)

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die, DieReader

# resolve_fqns: only these pass their name on to what they contain
SCOPES = frozenset({TAG_NAMESPACE, TAG_CLASS, TAG_STRUCTURE})
SYMBOLS = frozenset({TAG_SUBPROGRAM, TAG_VARIABLE})


class Candidate(NamedTuple):
    """A DIE that may be an exported symbol's (match_export_symbol).

    offset: its own.
    tag: DW_TAG_subprogram or DW_TAG_variable.
    name: its linkage name, or else its name.
    origin: the DIE that DW_AT_abstract_origin refers to, None where there is none.
    """

    offset: int
    tag: int
    name: str | None
    origin: int | None


def symbol_name(reader: DieReader, die: Die) -> str | None:
    """get_symbol_name: rustc gives exported symbols a linkage name."""
    name = reader.text(die, AT_LINKAGE_NAME)
    return name if name is not None else reader.text(die, AT_NAME)


class Scopes:
    """The scopes of one unit, read with the careful reader.

    candidates: in the order in which process_exported_symbols meets them.
    """

    def __init__(self, reader: DieReader) -> None:
        self._reader = reader
        self._prefixes: dict[int, str] = {}
        self._closed: list[tuple[int, int, Die]] = []  # jumped over: start, end, DIE
        self._starts: list[int] = []
        self.candidates: list[Candidate] = []
        self._scan()

    def prefix(self, offset: int) -> str:
        """What the name of a DIE begins with: "" or "a::b::"."""
        index = bisect_right(self._starts, offset) - 1
        if index >= 0:
            start, end, die = self._closed[index]
            if start < offset < end:
                self._closed[index] = (start, start, die)  # once is enough
                self._prefixes.update(nested_prefixes(self._reader, die))
        return self._prefixes.get(offset, "")

    def _scan(self) -> None:
        """Pre-order over namespaces and structures; explicit, since the nesting is the input's."""
        reader = self._reader
        levels = [(reader.children(reader.root()), "")]
        while levels:
            children, prefix = levels[-1]
            die = next(children, None)
            if die is None:
                levels.pop()
                continue
            if prefix and die.tag != TAG_MEMBER:
                self._prefixes[die.offset] = prefix
            if die.tag in SCOPES:
                name = reader.text(die, AT_NAME)
                levels.append((reader.children(die), inner_prefix(name, prefix)))
                continue
            if die.tag in SYMBOLS:
                origin = reader.reference(die, AT_ABSTRACT_ORIGIN)
                self.candidates.append(Candidate(die.offset, die.tag, symbol_name(reader, die), origin))
            if die.children:
                self._closed.append((die.offset, reader.behind(die), die))
                self._starts.append(die.offset)


def inner_prefix(name: str | None, prefix: str) -> str:
    """The prefix for what a scope contains (resolve_fqns)."""
    if prefix:
        return f"{prefix}{name if name is not None else '<anonymous>'}::"
    return f"{name}::" if name is not None else ""


def nested_prefixes(reader: DieReader, outer: Die) -> dict[int, str]:
    """The prefixes of all that an outermost DIE contains: offset → prefix, if not ""."""
    prefixes: dict[int, str] = {}
    passed_on = inner_prefix(reader.text(outer, AT_NAME), "") if outer.tag in SCOPES else ""
    levels = [(reader.children(outer), passed_on)]
    while levels:
        children, prefix = levels[-1]
        die = next(children, None)
        if die is None:
            levels.pop()
            continue
        if prefix:
            prefixes[die.offset] = prefix
        if die.children:
            inner = inner_prefix(reader.text(die, AT_NAME), prefix) if die.tag in SCOPES else ""
            levels.append((reader.children(die), inner))
    return prefixes
