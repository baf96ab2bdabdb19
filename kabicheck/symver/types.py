"""Type strings: what each named type and each exported symbol says of itself (types.c).

A type string refers to other named types by name only. Within an object the longest one of a name is its
expansion, whichever DIE it came from (type_map_add).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.formats.kabi_rules import REFERENCE, TYPE_STRING
from kabicheck.symver.describe import COMPLETE, UNEXPANDED
from kabicheck.symver.grammar import LINEBREAK, MARK, REFERENCE_STARTS, type_reference
from kabicheck.symver.parts import Parts, references, split
from kabicheck.symver.rules import SECTION

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from kabicheck.symver.describe import Entry
    from kabicheck.symver.rules import Rules
    from kabicheck.symver.walk import Walk

# Unnamed types are written out wherever they are mentioned, so a few of them can make a string of any length. The
# longest of a real kernel has some 100,000 characters.
MAX_TEXT = 1 << 22
MAX_BUILT = 1 << 28  # characters of all strings of one file
TOO_LONG = "unnamed types are written out to a string that is too long"


class TypeStrings:
    """The type strings of one object, with references between marks (grammar.MARK).

    named: type reference → type string.
    symbols: export → type string.
    aliases: the same for exports that take their version from another one at the same address.
    ties: references for which two strings of equal length were seen, where the C tool's choice is random.
    dies: type reference → offset of the DIE that the string is from.
    parts: type reference → the parts of its string, made on first use; KeyError for a reference to nothing.
    """

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules
        self.named: dict[str, str] = {}
        self.symbols: dict[str, str] = {}
        self.aliases: dict[str, str] = {}
        self.ties: set[str] = set()
        self.dies: dict[str, int] = {}
        self.parts: dict[bytes, Parts] = _PartsByReference(self)

    @property
    def warnings(self) -> list[str]:
        """What a user should know of these strings."""
        return [
            f"{name} has two type strings of equal length; gendwarfksyms' choice is random, ours is the first"
            for name in sorted(self.ties)
        ]

    def all_symbols(self) -> dict[str, str]:
        """Export → type string, aliases included; their own type_string rules show here, though no version has them."""
        found = dict(self.symbols)
        for name, text in self.aliases.items():
            override = self._override(name)
            found[name] = text if override is None else override
        return found

    def add(self, reference: str, text: str, die: int) -> None:
        """Keep the longest text of a name; of two as long, the one that comes first in the file."""
        old = self.named.get(reference)
        if old is not None and old != text:
            difference = _length(text) - _length(old)
            if difference < 0:
                return
            if difference == 0:
                self.ties.add(reference)
                if self.dies[reference] < die:
                    return
            else:
                self.ties.discard(reference)
        elif old is not None:
            self.dies[reference] = min(self.dies[reference], die)
            return
        parts = self.parts[references[reference]] = split(text)
        self.named[reference] = parts.text  # not a second copy of what another object has said
        self.dies[reference] = die

    def overrides(self) -> dict[str, str]:
        """What type_string rules say of the types and exports that are here."""
        rules = self.rules
        targets = [name for kind, name in rules.values if kind == TYPE_STRING] if rules is not None else []
        found = {name: self._override(name) for name in targets if name in self.named or name in self.symbols}
        return {name: text for name, text in found.items() if text is not None}

    def _override(self, name: str) -> str | None:
        text = self.rules.type_string(name) if self.rules is not None else None
        return (
            parse_rule(name, text, self.rules.path) if self.rules is not None and text is not None else None
        )

    def override(self, texts: Mapping[str, str]) -> None:
        """Put in what `overrides` gave; aliases keep theirs."""
        for name, text in texts.items():
            (self.symbols if name in self.symbols else self.named)[name] = text
        self.parts.clear()

    def replace(self, texts: Mapping[str, str]) -> None:
        """Give named types and exports other strings; aliases follow the export whose version they share."""
        for name, text in texts.items():
            if name in self.symbols:
                old = self.symbols[name]
                self.aliases = {a: text if t == old else t for a, t in self.aliases.items()}
                self.symbols[name] = text
            else:
                self.named[name] = text
        self.parts.clear()

    def text(self, reference: str) -> str | None:
        """A named type's string (type_map_get): a type that no DIE describes may still have a type_string rule."""
        text = self.named.get(reference)
        if text is None:
            text = self._override(reference)
            if text is not None:
                self.named[reference] = text
        return text


class _PartsByReference(dict[bytes, Parts]):
    def __init__(self, strings: TypeStrings) -> None:
        super().__init__()
        self._strings = strings

    def __missing__(self, reference: bytes) -> Parts:
        text = self._strings.text(reference.decode("latin-1"))
        if text is None:
            raise KeyError(reference)
        parts = self[reference] = split(text)
        return parts


def _length(text: str) -> int:
    """The bytes of a type string without its marks."""
    return len(text) - text.count(MARK)


def parse_rule(name: str, text: str, path: str) -> str:
    """A type_string rule's value with its references marked (type_parse). Raises ObjectError where the C tool exits."""

    def error(problem: str) -> ObjectError:
        return ObjectError(path, f"{problem} (rule for '{name}': '{text}')", section=SECTION)

    if not text:
        raise ObjectError(path, f"empty type string override for '{name}'", section=SECTION)

    def mark(match: re.Match[str]) -> str:
        prefix, quoted, closing, plain = match.groups()
        if quoted is not None and not closing:
            raise error(f"incomplete {prefix}# type reference")
        if not (quoted or plain):
            raise error(f"empty {prefix}# type name")
        return f"{MARK}{match[0]}{MARK}"

    return REFERENCE.sub(mark, text)


def collect(walk: Walk) -> TypeStrings:
    """The type strings of all that an exact walk met (expand_type, expand_symbol)."""
    return _Collector(walk).collect()


class _Collector:
    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._result = TypeStrings(walk.rules)
        self._inlined: dict[int, str] = {}
        self._built = 0

    def collect(self) -> TypeStrings:
        result = self._result
        for offset, want in sorted(self._walk.entries):
            if want == UNEXPANDED and (offset, COMPLETE) in self._walk.entries:
                continue
            entry = self._walk.entries[offset, want]
            reference = type_reference(entry.tag, entry.fqn or "")
            if reference:
                result.add(reference, self._text(reference, entry), offset)
        for symbol in self._walk.symbols:
            root = self._walk.roots.get(symbol.die) if symbol.die is not None else None
            if root is None:
                continue
            if self._walk.symbols.is_alias(symbol):
                result.aliases[symbol.name] = self._expand(root)
            else:
                result.symbols[symbol.name] = self._text(symbol.name, root)
        return result

    def _text(self, name: str, entry: Entry) -> str:
        """type_expand."""
        rules = self._walk.rules
        override = rules.type_string(name) if rules is not None else None
        if rules is not None and override is not None:
            return parse_rule(name, override, rules.path)
        return self._expand(entry)

    def _find(self, offset: int) -> Entry:
        """A complete expansion if there is one."""
        entries = self._walk.entries
        return entries.get((offset, COMPLETE)) or entries[offset, UNEXPANDED]

    def _expand(self, entry: Entry) -> str:
        """__type_expand: unnamed types are written out, depth first, with an explicit stack."""
        stack: list[tuple[Entry, int, list[str]]] = [(entry, 0, [])]
        open_offsets = {entry.offset}
        size = 0
        while True:
            current, at, out = stack.pop()
            pieces = current.pieces
            while at < len(pieces):
                piece = pieces[at]
                at += 1
                if isinstance(piece, str):
                    try:
                        out.append(_guarded(piece))
                    except NotANameError:
                        raise self._walk.info.error(
                            current.offset, "a name with control characters"
                        ) from None
                elif piece == LINEBREAK:
                    # "avoid repeated spaces": by this DIE's own pieces alone
                    if at == len(pieces) or pieces[at] != LINEBREAK:
                        out.append(" ")
                else:
                    child = self._find(piece)
                    reference = type_reference(child.tag, child.fqn or "")
                    if reference:
                        out.append(f"{MARK}{reference}{MARK}")
                    elif piece in self._inlined:
                        out.append(self._inlined[piece])
                        size += len(out[-1])
                        if size > MAX_TEXT:
                            raise self._walk.info.error(current.offset, TOO_LONG)
                    else:
                        if piece in open_offsets:
                            raise self._walk.info.error(piece, "a type that contains itself")
                        stack.append((current, at, out))
                        open_offsets.add(piece)
                        current, at, out = child, 0, []
                        pieces = child.pieces
            text = "".join(out)
            self._built += len(text)
            if len(text) > MAX_TEXT or self._built > MAX_BUILT:
                raise self._walk.info.error(current.offset, TOO_LONG)
            if not stack:
                return text
            self._inlined[current.offset] = text
            open_offsets.discard(current.offset)
            stack[-1][2].append(text)


class NotANameError(Exception):
    """A name in the debug information that cannot be one."""


def _guarded(piece: str) -> str:
    """__calculate_version takes every piece that starts like a reference for one.

    Raises NotANameError for one that holds our own mark, which no compiler writes.
    """
    if MARK in piece:
        raise NotANameError
    return f"{MARK}{piece}{MARK}" if piece.startswith(REFERENCE_STARTS) else piece
