"""The quick way to type strings: each DIE that an export reaches is decoded once, by generated code.

A type's string says the same wherever it is mentioned, so it is built once, with references to named types
between marks; what gendwarfksyms calculates by walking and caching DIEs follows from these strings alone, except
where its result depends on the walk itself. `NotProven` is raised wherever this file cannot show that its result
is the same; `walk.py` then decides.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Any

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import uleb128
from kabicheck.dwarf.reads import NotGenerated, elsewhere
from kabicheck.symver import decoders
from kabicheck.symver.decoded_unit import DecodedUnit
from kabicheck.symver.decoders import Made
from kabicheck.symver.grammar import MARK, PARAMETER, SKIPPED_IN_STRUCTURES
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.order import Lists, cut
from kabicheck.symver.outline import Outline
from kabicheck.symver.types import MAX_TEXT, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.symver.decoders import Decoder
    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.unit_names import Names

    Neighbours = Callable[[int], "UnitTexts"]

# What reading past the end, or a field that is not where it should be, raises in generated code.
UNREADABLE = (IndexError, KeyError, ValueError, struct.error, RecursionError, NotGenerated)


# The longest string of an unnamed type that is built here, and how many list items are read before they are counted:
# together they bound what a small file can make us build.
LONG_TEXT = 1 << 16
COUNTED = range(256)


_TYPEDEF = f"{MARK}t#"
_TYPEDEFS = re.compile(f"{MARK}(t#[^{MARK}]*){MARK}")


class UnitTexts(dict[int, str]):
    """The types of one unit: offset from the unit's header → what other types' strings say of it.

    Named types are queued when they are first mentioned; `drain` adds their own strings to `strings`. neighbours: gives
    the texts of the unit that holds an offset in `info`, where units may refer to each other.
    """

    def __init__(
        self,
        info: DebugInfo,
        unit: Unit,
        strings: TypeStrings,
        lists: Lists,
        names: Names,
        *,
        neighbours: Neighbours | None = None,
        graph: bool = False,
    ) -> None:
        super().__init__()
        self.info = info
        self.unit = unit
        self.strings = strings
        self.lists = lists
        self.decoded = decoded = DecodedUnit(info, unit, names)
        self.data = decoded.data
        self.reader = decoded.reader
        self.typedefs: dict[str, set[str]] = {}  # those that mention typedefs → which
        self._neighbours = neighbours
        self._names = names
        self._queue: list[tuple[int, str, str]] = []  # offset, reference, " NAME"
        self._files: list[str] | None = None
        self._private: dict[int, bool] = Made(self._is_private)
        self._types = decoded.decoders(decoders.type_text)
        self._owns = decoded.decoders(decoders.own_text)
        self._members = Made(self._make_member)
        decoded.bindings |= {
            "types": self,
            "unnamed_member_types": self,
            "private": self._private,
            "named": self._named,
            "fqn": self._fqn,
            "unnamed": self._refer if graph else self._write_out,
            "subroutine": self._subroutine,
            "members": self._lister(self._members),
            "enumerators": self._lister(Made(self._make_list(dw.TAG_ENUMERATOR, decoders.enumerator))),
            "parameters": self._lister(Made(self._make_list(dw.TAG_FORMAL_PARAMETER, self.parameter))),
            "subranges": self._lister(Made(self._make_list(dw.TAG_SUBRANGE, decoders.subrange))),
            "variants": self._lister(Made(self._make_variant)),
        }
        self.outline = Outline(decoded, self._name_elsewhere)

    # --- types -------------------------------------------------------------------------------------

    def __missing__(self, offset: int) -> str:
        if offset < self.decoded.first:
            texts, at = self.elsewhere(offset)
            found = self[offset] = texts[at]
            return found
        code = self.data[offset]
        if code < 128:
            text: str = self._types[code](offset + 1, offset)
        else:
            code, position = uleb128(self.data, offset)
            text = self._types[code](position, offset)
        if len(text) > LONG_TEXT:
            raise NotProven("a long unnamed type")  # which may be many times in another one: the walk counts
        self[offset] = text
        return text

    def elsewhere(self, reference: int) -> tuple[UnitTexts, int]:
        """The unit that another one's DIE is in, and its offset there. Raises NotProven, ObjectError."""
        if reference >= -1 or self._neighbours is None:
            raise NotProven("a reference outside its unit")
        supplementary, offset = elsewhere(reference)
        file = self.reader.file
        return self._neighbour(file.there(offset) if supplementary else file.here(offset))

    def _name_elsewhere(self, reference: int) -> str | None:
        """The name of a function or variable in another unit."""
        texts, at = self.elsewhere(reference)
        return texts.outline.name(at)

    def _neighbour(self, offset: int) -> tuple[UnitTexts, int]:
        """The unit that holds an offset in all units, and the offset there."""
        if self.unit.start <= offset < self.unit.end:
            return self, offset - self.unit.start
        if self._neighbours is None:
            raise NotProven("a type in another unit")
        texts = self._neighbours(offset)
        return texts, offset - texts.unit.start

    @property
    def drained(self) -> bool:
        """Whether all types that were mentioned have their own strings."""
        return not self._queue

    def drain(self) -> None:
        """Add the own strings of all types that were mentioned, and of those that these mention."""
        strings, start = self.strings, self.unit.start
        dies, own, owns, data = strings.dies, self._own, self._owns, self.data
        for offset, reference, name in self._queue:  # which grows
            code = data[offset]
            text = owns[code](offset + 1, name) if code < 128 else own(offset, name)
            if PARAMETER in text:
                pieces = self.lists.types[reference] = cut(text)
                text = "".join(pieces[0::2])
            if reference[0] == "t" and _TYPEDEF in text:
                self.typedefs.setdefault(reference, set()).update(_TYPEDEFS.findall(text))
            if reference in dies and dies[reference] != start + offset:
                self.lists.conflated = True
            strings.add(reference, text, start + offset)
        self._queue.clear()

    def release(self) -> None:
        """Let go of all that was made for the unit: it refers to itself, and would wait for the collector."""
        vars(self).clear()

    def symbol_text(self, offset: int) -> str:
        """The type string of an exported symbol."""
        code, position = self.decoded.code(offset)
        text: str = self.decoded.bind(decoders.symbol_text, code)(position, offset)
        return text

    def pointed_type(self, offset: int) -> int:
        """save_symbol_ptr: the type that a `__gendwarfksyms_ptr_NAME` variable carries, as an offset in all units."""
        texts, pointer = self.type_of(offset)
        if texts.decoded.tag(pointer) != dw.TAG_POINTER:
            raise NotProven("a symbol pointer that is no pointer")
        inner, target = texts.type_of(pointer)
        if inner.decoded.tag(target) == dw.TAG_SUBROUTINE:
            return inner.unit.start + target
        return texts.unit.start + pointer

    def type_of(self, offset: int) -> tuple[UnitTexts, int]:
        """The type of a DIE, and the unit that it is in."""
        die = self.reader.read(self.unit.start + offset)
        target = None if die is None else self.reader.reference(die, dw.AT_TYPE)
        if target is None:
            raise NotProven("a symbol pointer without a type")
        return self._neighbour(target)

    def _named(self, offset: int, prefix: str, name: str) -> str:
        fqn = self.outline.prefix(offset) + name
        reference = f"{prefix}'{fqn}'" if " " in fqn else prefix + fqn
        self._queue.append((offset, reference, " " + fqn))
        return f"{MARK}{reference}{MARK}"

    def _write_out(self, offset: int) -> str:
        """An unnamed type's string, in the middle of another's."""
        return self._own(offset, "")

    def _refer(self, offset: int) -> str:
        """A reference to an unnamed type, which no type string has: names with spaces are quoted."""
        reference = f"s# {self.unit.start + offset}"
        self._queue.append((offset, reference, ""))
        return f"{MARK}{reference}{MARK}"

    def _fqn(self, offset: int, name: str) -> str:
        return f" {self.outline.prefix(offset)}{name}"

    def _own(self, offset: int, name: str) -> str:
        code, position = self.decoded.code(offset)
        text: str = self._owns[code](position, name)
        return text

    def _subroutine(self, word: str, first: int, offset: int, result: str) -> str:
        """__process_subroutine_type. An offset of 0 says that nothing refers to this list of parameters."""
        items = self.decoded.bindings["parameters"](first) if first else ()
        if not items:
            return f"{word} ( ) -> {result}"
        listed = " , ".join(items)
        if offset and len(items) > 1 and listed.find(MARK, len(items[0])) >= 0:
            # Where the walk is inside the second or a later parameter, order.py must know it.
            mark, at = self.lists.mark, self.unit.start + offset
            marked = [f"{mark(at, n)} , {item}" for n, item in enumerate(items[1:], 1)]
            listed = f"{items[0]}{''.join(marked)}{mark(at, 0)}"
        return f"{word} ( {listed} ) -> {result}"

    def _is_private(self, number: int) -> bool:
        if self._files is None:
            self._files = self._names.of_files(self.reader)
        return self._files[number].endswith(".c")

    # --- functions for abbreviations ---------------------------------------------------------------

    # the roles of list items that stable.py has others for
    member = staticmethod(decoders.member)
    parameter = staticmethod(decoders.parameter)

    def _make_member(self, code: int) -> Decoder:
        """___process_structure_type."""
        shape = self.decoded.shape(code)
        if shape.tag == dw.TAG_MEMBER and not shape.children:
            return self.decoded.bind(self.member, code)
        if shape.tag == dw.TAG_VARIANT_PART:
            return self._with_children(decoders.variant_part, code)
        if shape.tag in SKIPPED_IN_STRUCTURES:
            return self._skipper(code)
        raise NotProven(f"tag {shape.tag:#x} in a structure")

    def _make_variant(self, code: int) -> Decoder:
        """What a variant part contains: process_type for all."""
        shape = self.decoded.shape(code)
        if shape.tag == dw.TAG_VARIANT:
            return self._with_children(decoders.variant, code)
        if shape.tag == dw.TAG_MEMBER and not shape.children:
            return self.decoded.bind(self.member, code)
        raise NotProven(f"tag {shape.tag:#x} in a variant part")

    def _with_children(self, role: Callable[..., Any], code: int) -> Decoder:
        decode = self.decoded.bind(role, code)
        if not self.decoded.shape(code).children:
            return decode

        def nested(position: int, add: Callable[[str], None]) -> int:
            decode(position, add)
            return self.outline.behind(code, position)

        return nested

    def _make_list(self, tag: int, role: Callable[..., Any]) -> Callable[[int], Decoder]:
        def make(code: int) -> Decoder:
            shape = self.decoded.shape(code)
            if shape.tag == tag and not shape.children:
                return self.decoded.bind(role, code)
            if shape.tag == tag:
                return self._with_children(role, code)
            return self._skipper(code)

        return make

    def _skipper(self, code: int) -> Decoder:
        return lambda position, _add: self.outline.behind(code, position)

    def _lister(self, by_code: Made) -> Callable[[int], list[str]]:
        """(offset of the first child) → the texts of a list's items."""
        data = self.data

        def items(position: int) -> list[str]:
            found: list[str] = []
            add = found.append
            code = data[position]
            if not code:
                return found
            while True:
                for _ in COUNTED:
                    if code < 128:
                        position = by_code[code](position + 1, add)
                    else:
                        code, position = uleb128(data, position)
                        position = by_code[code](position, add)
                    code = data[position]
                    if not code:
                        return found
                if sum(map(len, found)) > MAX_TEXT:
                    raise self.info.error(self.unit.start + position, TOO_LONG)

        return items
