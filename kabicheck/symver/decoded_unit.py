"""One unit as generated code reads it: its bytes, and the decoders of its abbreviations, bound to them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from kabicheck.dwarf.abbrev import sleb128, uleb128
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.reads import Layout
from kabicheck.symver import decoders
from kabicheck.symver.decoders import Made
from kabicheck.symver.names import checked_name
from kabicheck.symver.not_proven import NotProven

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.symver.decoders import Decoder
    from kabicheck.symver.unit_names import Names

    Role = Callable[[Abbreviation, Layout], decoders.Code]


class DecodedUnit:
    """The bytes of a unit, with the careful reader for what is read rarely. Offsets are from the unit's header.

    first: the offset of the unit DIE, behind the header.
    bindings: names in generated code (`decoders.BINDINGS`) → what they stand for. Whoever asks for text adds what makes
        it, before the first decoder is bound.
    """

    def __init__(self, info: DebugInfo, unit: Unit, names: Names) -> None:
        self.unit = unit
        self.data = info.data[unit.start : unit.end]
        self.layout = layout_of(info, unit)
        self.first = unit.root - unit.start
        self.reader = DieReader(info, unit)
        strings, line_strings = names.tables(unit)
        self.bindings: dict[str, Any] = dict.fromkeys(decoders.BINDINGS)
        self.bindings |= {
            "data": self.data,
            "relocated": info.relocated_in(unit),
            "strings": strings,
            "line_strings": line_strings,
            "other_strings": names.other_strings(unit),
            "string_offsets": self.reader.indexed_strings(),
            "inline": _inline_name,
            "uleb": uleb128,
            "sleb": sleb128,
        }

    def code(self, offset: int) -> tuple[int, int]:
        """The abbreviation's code at an offset, and the offset behind it."""
        if offset < self.first:
            raise NotProven("a reference into a unit's header")
        code = self.data[offset]
        return (code, offset + 1) if code < 128 else uleb128(self.data, offset)

    def shape(self, code: int) -> Abbreviation:
        """The abbreviation of a code."""
        return self.unit.abbreviations[code]

    def tag(self, offset: int) -> int:
        """The tag of a DIE."""
        return self.shape(self.code(offset)[0]).tag

    def bind(self, role: Role, code: int) -> Decoder:
        """The decoder of an abbreviation in a role."""
        return decoders.of_role(role, self.layout)[self.shape(code)](*self._bound)

    def decoders(self, role: Role) -> dict[int, Decoder]:
        """The decoders of all abbreviations in a role, by code."""
        shapes, binders = self.unit.abbreviations, decoders.of_role(role, self.layout)
        return Made(lambda code: binders[shapes[code]](*self._bound))

    @cached_property
    def _bound(self) -> tuple[Any, ...]:
        return tuple(self.bindings.values())


def layout_of(info: DebugInfo, unit: Unit) -> Layout:
    """What the sizes of a unit's DIEs depend on beside their abbreviations."""
    return Layout(info.little, unit.address_size, unit.offset_size, bool(info.relocated))


def _inline_name(raw: bytes) -> str:
    return checked_name(raw.decode("latin-1"))
