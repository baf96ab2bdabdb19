"""The quick way with --stable, in objects that hold `__kabi_*` names (dwarf.c: __process_list_type and below).

A hidden name, or a member that is left out, changes no walk. A union that stands for its placeholder does: it is
marked as seen, yet what it stands for is walked each time that it is met. While the union is still open, that finds
structures which were not seen before, and leaves them out. With a single way on from the placeholder there is none.

Renamed members are left to the exact walk: kabi.orig_name is neither saved nor restored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.symver import decoders
from kabicheck.symver.decoders import Made
from kabicheck.symver.grammar import MARK
from kabicheck.symver.kabi import IGNORED, RESERVED, is_kabi_name
from kabicheck.symver.proof import PARAMETER, NotProven
from kabicheck.symver.texts import UnitTexts

if TYPE_CHECKING:
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.symver.decoders import Decoder
    from kabicheck.symver.kabi import KabiMembers
    from kabicheck.symver.names import CheckedStrings
    from kabicheck.symver.order import Lists
    from kabicheck.symver.types import TypeStrings


class StableTexts(UnitTexts):
    """The types of one unit as `--stable` has them."""

    member = staticmethod(decoders.stable_member)
    parameter = staticmethod(decoders.stable_parameter)

    def __init__(
        self,
        info: DebugInfo,
        unit: Unit,
        strings: TypeStrings,
        lists: Lists,
        tables: tuple[CheckedStrings, CheckedStrings],
        *,
        kabi: KabiMembers,
        graph: bool = False,
    ) -> None:
        super().__init__(info, unit, strings, lists, tables, graph=graph)
        self._kabi = kabi
        self._placeholders: list[str] = []  # typedefs that placeholders mention
        self.bindings["K"] = Made(_visible)
        plain = self._types
        self._types = Made(lambda code: self._make_type(code, plain[code]))

    def drain(self) -> None:
        """See `UnitTexts`."""
        super().drain()
        if self._placeholders and self.lists.conflated:
            raise NotProven("a placeholder's type shares its name")
        for reference in self._placeholders:  # which grows
            if reference in self.lists.types:
                raise NotProven("a placeholder with parameters")
            self._require_single_way(self.strings.named[reference])

    def _make_type(self, code: int, plain: Decoder) -> Decoder:
        if self.shape(code).tag != dw.TAG_UNION:
            return plain
        return lambda p, at: self._union(plain, p, at)

    def _union(self, plain: Decoder, p: int, at: int) -> str:
        """process_union_type: nothing for one that is ignored."""
        union = self.reader.read(self.unit.start + at)
        assert union is not None
        status = self._kabi.union(union)
        if status.kind == IGNORED:
            return ""
        if status.kind != RESERVED:
            text: str = plain(p, at)
            return text
        if status.original is not None:
            raise NotProven("a renamed member")
        assert status.placeholder is not None
        text = self[status.placeholder.offset - self.unit.start]
        if not text:
            raise NotProven("an ignored placeholder")  # whose union is no ignored one
        self._require_single_way(text)
        return text

    def _require_single_way(self, text: str) -> None:
        """Raise NotProven for a placeholder that leads to several types, or is a list of parameters."""
        if PARAMETER in text or text.count(MARK) > 2:
            raise NotProven("a placeholder that is made of several types")
        for reference in text.split(MARK)[1::2]:
            if reference[0] == "t" and reference not in self._placeholders:
                self._placeholders.append(reference)

    def _make_variant(self, _code: int) -> Decoder:
        raise NotProven("variants where members may be hidden")


def _visible(name: str) -> str:
    """What a member's or parameter's name adds to its text."""
    return "" if is_kabi_name(name) else f" {name}"
