"""The quick way with --stable, in objects that hold `__kabi_*` names (dwarf.c: __process_list_type and below).

A hidden name, or a member that is left out, changes no walk. A union that stands for its placeholder does: it is
marked as seen, yet what it stands for is walked each time that it is met. While the union is still open, that finds
structures which were not seen before, and leaves them out. With a single way on from the placeholder there is none.

The name of a renamed member is neither saved nor restored (kabi.orig_name), and reaches what is around it until the
next member is walked. So it is certain where there is a next one, where the union is mentioned nowhere else, and where
the placeholder is no more than a base type or pointers to one, which forget no name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.symver import decoders
from kabicheck.symver.decoders import Made
from kabicheck.symver.grammar import MARK, MODIFIERS, PARAMETER
from kabicheck.symver.kabi_members import IGNORED, PREFIX, RESERVED, is_kabi_name
from kabicheck.symver.names import checked_name, may_mention
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.texts import UnitTexts

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.symver.decoders import Decoder
    from kabicheck.symver.kabi_members import KabiMembers
    from kabicheck.symver.order import Lists
    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.unit_names import Names


RENAMED = f"{PREFIX}renamed"
OLD_NAME = f"{PARAMETER}@"
MOST_STEPS = 64  # from a placeholder to a base type


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
        names: Names,
        *,
        kabi: KabiMembers,
        graph: bool = False,
    ) -> None:
        super().__init__(info, unit, strings, lists, names, graph=graph)
        self._kabi = kabi
        self._placeholders: list[str] = []  # typedefs that placeholders mention
        self._renamed: set[str] = set()  # the marks of those that were met
        self.decoded.bindings["unnamed_member_types"] = Made(self._unnamed_member)
        self.decoded.bindings["visible"] = Made(_visible)
        if may_mention(info, RENAMED):
            members = self.decoded.bindings["members"]
            self.decoded.bindings["members"] = lambda first: self._without_marks(members(first))
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
        if self.decoded.shape(code).tag != dw.TAG_UNION:
            return plain
        return lambda position, offset: self._union(plain, position, offset)

    def _union(self, plain: Decoder, position: int, offset: int) -> str:
        """process_union_type: nothing for one that is ignored."""
        union = self.reader.read(self.unit.start + offset)
        assert union is not None
        status = self._kabi.union(union)
        if status.kind == IGNORED:
            return ""
        if status.kind != RESERVED:
            text: str = plain(position, offset)
            return text
        if status.original is not None:
            raise NotProven("a renamed member's type")
        assert status.placeholder is not None
        text = self[status.placeholder.offset - self.unit.start]
        if not text:
            raise NotProven("an ignored placeholder")  # whose union is no ignored one
        self._require_single_way(text)
        return text

    def _unnamed_member(self, offset: int) -> str:
        """The type of a member without a name, and that member's old name behind a mark if it is a renamed one."""
        if self.decoded.tag(offset) != dw.TAG_UNION:
            return self[offset]
        union = self.reader.read(self.unit.start + offset)
        assert union is not None
        status = self._kabi.union(union)
        if not status.original:
            return self[offset]
        assert status.placeholder is not None
        if not self.is_plain(status.placeholder):
            raise NotProven("a placeholder that may forget a name")
        text = self[status.placeholder.offset - self.unit.start]
        return f"{text}{old_name(offset)} {checked_name(status.original)}"

    def is_plain(self, die: Die | None) -> bool:
        """Whether a type is a base type, or leads to one through types that have no members."""
        for _ in range(MOST_STEPS):
            if die is None or die.tag == dw.TAG_BASE:
                return True
            if die.tag not in MODIFIERS and die.tag != dw.TAG_ARRAY:
                break
            at = self.reader.reference(die, dw.AT_TYPE)
            die = None if at is None else self.reader.read(at)
        return False

    def _without_marks(self, items: list[str]) -> list[str]:
        """The members of a list without the marks of old names: of the last one, or where a mark comes twice, the
        exact walk knows what becomes of it."""
        if items and OLD_NAME in items[-1]:
            raise NotProven("a renamed member at the end")
        for number, item in enumerate(items):
            if OLD_NAME in item:
                text, mark, name = item.split(PARAMETER)
                if mark in self._renamed:
                    raise NotProven("two renamed members with one type")
                self._renamed.add(mark)
                items[number] = text + name
        return items

    def _require_single_way(self, text: str) -> None:
        """Raise NotProven for a placeholder that leads to several types, or is a list of parameters."""
        if PARAMETER in text or text.count(MARK) > 2:
            raise NotProven("a placeholder that is made of several types")
        for reference in text.split(MARK)[1::2]:
            if reference[0] == "t" and reference not in self._placeholders:
                self._placeholders.append(reference)

    def _make_member(self, code: int) -> Decoder:
        if self.decoded.shape(code).tag == dw.TAG_VARIANT_PART:
            raise NotProven("variants where members may be hidden")
        return super()._make_member(code)


def old_name(offset: int) -> str:
    """The mark before the old name of a member, which is told by an offset."""
    return f"{OLD_NAME}{offset}{PARAMETER}"


def _visible(name: str) -> str:
    """What a member's or parameter's name adds to its text."""
    return "" if is_kabi_name(name) else f" {name}"
