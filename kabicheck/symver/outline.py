"""The outer DIEs of a unit, passed over quickly: who may be an exported symbol, and which scopes there are.

The same as scope.py finds with the careful reader, for the quick way.
"""

from __future__ import annotations

from bisect import bisect_right
from struct import Struct
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.symver import decoders
from kabicheck.symver.proof import NotProven
from kabicheck.symver.scope import SCOPES, SYMBOLS, Candidate, inner_prefix, nested_prefixes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kabicheck.symver.texts import UnitTexts

# Children of a scope that neither are a scope, nor a symbol, nor are referred to by a name with scopes.
PLAIN = frozenset({dw.TAG_MEMBER, dw.TAG_TEMPLATE_TYPE_PARAMETER})


class Outline:
    """The outer DIEs of one unit. Offsets are from the unit's header."""

    def __init__(self, texts: UnitTexts) -> None:
        self._texts = texts
        self._data = texts.data
        self._first = texts.unit.root - texts.unit.start
        self._passages = texts.by_code(lambda code: decoders.passage(texts.shape(code), texts.layout))
        self._ends = texts.by_code(lambda code: texts.bind(decoders.behind, code))
        self._symbols = texts.by_code(lambda code: texts.bind(decoders.symbol, code))
        self._scopes = texts.by_code(lambda code: texts.bind(decoders.scope, code))
        # sizes of what can be passed over without a look, outside and inside of scopes
        self._sizes = texts.by_code(lambda code: self._size(code, SYMBOLS | self._scope_tags))
        self._plain_sizes = texts.by_code(lambda code: self._size(code, None))
        self._jump = Struct("<I" if texts.layout.little else ">I").unpack_from
        self._scope_tags = self._tags_of_scopes()
        self._names: Mapping[int, str] = {}
        self._prefixes: dict[int, str] = {}
        self._starts: list[int] = []  # DIEs that were jumped over with all they contain
        self._stops: list[int] = []

    def prefix(self, offset: int) -> str:
        """What the name of a DIE begins with: "" or "a::b::"."""
        index = bisect_right(self._starts, offset) - 1
        if index >= 0 and self._starts[index] < offset < self._stops[index]:
            self._stops[index] = 0  # looking once is enough
            start = self._texts.unit.start
            reader = self._texts.reader
            outer = reader.read(start + self._starts[index])
            assert outer is not None
            for at, prefix in nested_prefixes(reader, outer).items():
                self._prefixes[at - start] = prefix
        return self._prefixes.get(offset, "")

    def candidates(self, wanted: Collection[str]) -> list[Candidate]:
        """All functions and variables with a wanted name, or whose origin has one, in file order.

        Must have run before `prefix` is asked.
        """
        found: list[Candidate] = []
        d, texts, end = self._data, self._texts, len(self._data)
        passages, jump, scopes = self._passages, self._jump, self._scope_tags
        names = self._names = texts.names(wanted)
        relocated = texts.bindings["R"]
        offset_at = relocated.__getitem__ if texts.layout.relocatable else lambda place: jump(d, place)[0]
        code, p = texts.code(self._first)
        if not texts.shape(code).children:
            return found
        p = self._own_end(code, p)
        levels: list[str] = []
        prefix, sizes = "", self._sizes
        while p < end:
            at = p
            code = d[p]
            if code == 0:
                if not levels:
                    break
                prefix, p = levels.pop(), p + 1
                sizes = self._plain_sizes if prefix else self._sizes
                continue
            if code < 128:
                p += 1
            else:
                code, p = texts.code(p)
            size = sizes[code]
            if size is not None:
                p += size
                continue
            size, sibling, name_at, tag, children = passages[code]
            if prefix:
                self._prefixes[at] = prefix
            if tag in scopes and children:
                name, p = self._scopes[code](p)
                levels.append(prefix)
                prefix = inner_prefix(name, prefix)
                sizes = self._plain_sizes if prefix else self._sizes
                continue
            if tag in SYMBOLS and (name_at is None or offset_at(p + name_at) in names):
                self._match(at, code, p, wanted, found)
            if sibling is not None:
                p = self._forward(p, jump(d, p + sibling)[0])
            elif size is not None and not children:
                p += size
                continue
            else:
                p = self.behind(code, p)
            if children:
                self._starts.append(at)
                self._stops.append(p)
        return found

    def _match(self, at: int, code: int, p: int, wanted: Collection[str], found: list[Candidate]) -> None:
        """Add a function or variable that may be a wanted symbol's."""
        name, origin = self._symbols[code](p, self._names)
        if name in wanted or (origin >= 0 and self.name(origin) in wanted):
            found.append(Candidate(at, self._passages[code].tag, name, origin if origin >= 0 else None))

    def _tags_of_scopes(self) -> frozenset[int]:
        """What must be looked into for symbols. In C a structure has members only: it is jumped over, and looked into
        when a type is asked for that lies in it."""
        reader = self._texts.reader
        return frozenset() if reader.number(reader.root(), dw.AT_LANGUAGE) in dw.C_LANGUAGES else SCOPES

    def name(self, at: int) -> str | None:
        """The name of the function or variable at an offset, if it is a wanted one (get_symbol_name)."""
        code, p = self._texts.code(at)
        if self._texts.shape(code).tag not in SYMBOLS:
            raise NotProven("an abstract origin that is no function or variable")
        name: str | None = self._symbols[code](p, self._names)[0]
        return name

    def behind(self, code: int, p: int) -> int:
        """The offset behind a DIE and its descendants; p is behind its code."""
        passage = self._passages[code]
        if passage.sibling is not None:
            return self._forward(p, self._jump(self._data, p + passage.sibling)[0])
        p = self._own_end(code, p)
        depth = 1 if passage.children else 0
        passages, d = self._passages, self._data
        while depth:
            code = d[p]
            if code == 0:
                depth, p = depth - 1, p + 1
                continue
            code, p = (code, p + 1) if code < 128 else self._texts.code(p)
            size, sibling, _, _, children = passages[code]
            if sibling is not None:
                p = self._forward(p, self._jump(d, p + sibling)[0])
                continue
            p = p + size if size is not None else self._own_end(code, p)
            if children:
                depth += 1
        return p

    def _own_end(self, code: int, p: int) -> int:
        """The offset behind a DIE's own fields."""
        size = self._passages[code].size
        return p + size if size is not None else int(self._ends[code](p))

    def _forward(self, p: int, sibling: int) -> int:
        if not p <= sibling <= len(self._data):
            raise NotProven("a sibling that leads backwards")
        return sibling

    def _size(self, code: int, looked_at: frozenset[int] | None) -> int | None:
        """The size of a childless DIE that is passed over; None for tags that must be looked at."""
        passage = self._passages[code]
        tag, children = passage.tag, passage.children
        look = tag in looked_at if looked_at is not None else tag not in PLAIN
        return None if look or children else passage.size
