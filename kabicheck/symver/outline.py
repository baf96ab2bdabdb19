"""The outer DIEs of a unit, passed over quickly: who may be an exported symbol, and which scopes there are.

The same as scope.py finds with the careful reader, for the quick way.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache, cached_property
from struct import Struct
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.symver import decoders
from kabicheck.symver.decoders import Made
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.scope import SCOPES, SYMBOLS, Candidate, inner_prefix, nested_prefixes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.reads import Layout
    from kabicheck.symver.decoded_unit import DecodedUnit

# Children of a scope that neither are a scope, nor a symbol, nor are referred to by a name with scopes.
PLAIN = frozenset({dw.TAG_MEMBER, dw.TAG_TEMPLATE_TYPE_PARAMETER})


class Outline:
    """The outer DIEs of one unit. Offsets are from the unit's header."""

    def __init__(self, decoded: DecodedUnit, name_elsewhere: Callable[[int], str | None]) -> None:
        """name_elsewhere: a reference to another unit → the name of the function or variable there."""
        self._decoded = decoded
        self._data = decoded.data
        self._name_elsewhere = name_elsewhere
        shapes, passages = decoded.unit.abbreviations, decoders.passages(decoded.layout)
        self._passages = Made(lambda code: passages[shapes[code]])
        self._ends = decoded.decoders(decoders.behind)
        self._symbols = decoded.decoders(decoders.symbol)
        self._scopes = decoded.decoders(decoders.scope)
        self._scope_tags = self._tags_of_scopes()
        # first byte of a DIE that can be passed over without a look → bytes to the next one, or, less than 0, to where
        # DW_AT_sibling has it; outside and inside of scopes; 0 for other DIEs
        outer, inner = (_steps(decoded.layout, looked) for looked in (SYMBOLS | self._scope_tags, None))
        self._steps = Made(lambda code: outer[shapes[code]] if 0 < code < 128 else 0)
        self._plain_steps = Made(lambda code: inner[shapes[code]] if 0 < code < 128 else 0)
        self._jump = Struct("<I" if decoded.layout.little else ">I").unpack_from
        self._prefixes: dict[int, str] = {}
        # DIEs that were jumped over with all they contain: start → stop, in the file's order
        self._jumped: dict[int, int] = {}
        self._seen_inside: set[int] = set()

    def prefix(self, offset: int) -> str:
        """What the name of a DIE begins with: "" or "a::b::"."""
        if offset not in self._jumped:
            index = bisect_right(self._starts, offset)
            if index and offset < self._jumped[outer := self._starts[index - 1]]:
                self._look_inside(outer)
        return self._prefixes.get(offset, "")

    @cached_property
    def _starts(self) -> list[int]:
        return list(self._jumped)

    def _look_inside(self, outer: int) -> None:
        """Find the prefixes in a DIE that was jumped over; once is enough."""
        if outer in self._seen_inside:
            return
        self._seen_inside.add(outer)
        start, reader = self._decoded.unit.start, self._decoded.reader
        die = reader.read(start + outer)
        assert die is not None
        for at, prefix in nested_prefixes(reader, die).items():
            self._prefixes[at - start] = prefix

    def candidates(self, wanted: Collection[str]) -> list[Candidate]:
        """All functions and variables with a wanted name, or whose origin has one, in file order.

        Must have run before `prefix` is asked.
        """
        found: list[Candidate] = []
        data, decoded, end = self._data, self._decoded, len(self._data)
        passages, jump, scopes, jumped = self._passages, self._jump, self._scope_tags, self._jumped
        names, relocated = decoded.bindings["strings"], decoded.bindings["relocated"]
        offset_at = (
            relocated.__getitem__ if decoded.layout.relocatable else lambda place: jump(data, place)[0]
        )
        code, position = decoded.code(decoded.first)
        if not decoded.shape(code).children:
            return found
        position = self._own_end(code, position)
        levels: list[str] = []
        prefix, steps = "", self._steps
        while position < end:
            code = data[position]
            step = steps[code]
            if step > 0:
                position += step
                continue
            at = position
            if step:
                jumped[at] = position = jump(data, position - step)[0]
                if not at < position <= end:
                    raise NotProven("a sibling that leads backwards")
                continue
            if code == 0:
                if not levels:
                    break
                prefix, position = levels.pop(), position + 1
                steps = self._plain_steps if prefix else self._steps
                continue
            code, position = (code, position + 1) if code < 128 else decoded.code(position)
            size, _, name_at, tag, children = passages[code]
            if prefix:
                self._prefixes[at] = prefix
            if tag in SYMBOLS:
                if name_at is None or names[offset_at(position + name_at)] in wanted:
                    self._match(at, code, position, wanted, found)
            elif tag in scopes and children:
                name, position = self._scopes[code](position)
                levels.append(prefix)
                prefix = inner_prefix(name, prefix)
                steps = self._plain_steps if prefix else self._steps
                continue
            if size is not None and not children:
                position += size
                continue
            position = self.behind(code, position)
            if children:
                jumped[at] = position
        return found

    def described(self) -> Iterator[str]:
        """The names of all functions and variables."""
        for candidate in self.candidates(_EVERYTHING):
            name = candidate.name
            if name is None and candidate.origin is not None:
                name = self._name_of_origin(candidate.origin)
            if name is not None:
                yield name

    def _match(
        self, at: int, code: int, position: int, wanted: Collection[str], found: list[Candidate]
    ) -> None:
        """Add a function or variable that may be a wanted symbol's."""
        name, origin = self._symbols[code](position)
        if name in wanted or (origin != -1 and self._name_of_origin(origin) in wanted):
            found.append(Candidate(at, self._passages[code].tag, name, origin if origin != -1 else None))

    def _name_of_origin(self, origin: int) -> str | None:
        return self.name(origin) if origin >= 0 else self._name_elsewhere(origin)

    def _tags_of_scopes(self) -> frozenset[int]:
        """What must be looked into for symbols. In C a structure has members only: it is jumped over, and looked into
        when a type is asked for that lies in it."""
        reader = self._decoded.reader
        return frozenset() if reader.number(reader.root(), dw.AT_LANGUAGE) in dw.C_LANGUAGES else SCOPES

    def name(self, at: int) -> str | None:
        """The name of the function or variable at an offset, if it is a wanted one (get_symbol_name)."""
        code, position = self._decoded.code(at)
        if self._decoded.shape(code).tag not in SYMBOLS:
            raise NotProven("an abstract origin that is no function or variable")
        name: str | None = self._symbols[code](position)[0]
        return name

    def behind(self, code: int, position: int) -> int:
        """The offset behind a DIE and its descendants; position is behind its code."""
        passage = self._passages[code]
        if passage.sibling is not None:
            return self._forward(position, self._jump(self._data, position + passage.sibling)[0])
        position = self._own_end(code, position)
        depth = 1 if passage.children else 0
        passages, data = self._passages, self._data
        while depth:
            code = data[position]
            if code == 0:
                depth, position = depth - 1, position + 1
                continue
            code, position = (code, position + 1) if code < 128 else self._decoded.code(position)
            size, sibling, _, _, children = passages[code]
            if sibling is not None:
                position = self._forward(position, self._jump(data, position + sibling)[0])
                continue
            position = position + size if size is not None else self._own_end(code, position)
            if children:
                depth += 1
        return position

    def _own_end(self, code: int, position: int) -> int:
        """The offset behind a DIE's own fields."""
        size = self._passages[code].size
        return position + size if size is not None else int(self._ends[code](position))

    def _forward(self, position: int, sibling: int) -> int:
        if not position <= sibling <= len(self._data):
            raise NotProven("a sibling that leads backwards")
        return sibling


class _Everything(frozenset[str]):
    """Wants any name."""

    def __contains__(self, name: object) -> bool:
        return True


_EVERYTHING = _Everything()


@cache
def _steps(layout: Layout, looked_at: frozenset[int] | None) -> Mapping[Abbreviation, int]:
    """See `Outline._steps`. looked_at: the tags of DIEs that are not passed over; None for all that are not plain, in
    scopes, where what is jumped over has a prefix too."""
    passages = decoders.passages(layout)

    def step(shape: Abbreviation) -> int:
        size, sibling = passages[shape].size, passages[shape].sibling
        if shape.tag in looked_at if looked_at is not None else shape.tag not in PLAIN:
            return 0
        if shape.children:
            return 0 if sibling is None or looked_at is None else -1 - sibling
        return 0 if size is None else 1 + size

    return Made(step)
