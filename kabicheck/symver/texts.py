"""The quick way to type strings: each DIE that an export reaches is decoded once, by generated code.

A type's string says the same wherever it is mentioned, so it is built once, with references to named types
between marks; what gendwarfksyms calculates by walking and caching DIEs follows from these strings alone, except
where its result depends on the walk itself. `NotProven` is raised wherever this file cannot show that its result
is the same; `walk.py` then decides.
"""

from __future__ import annotations

import re
import struct
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import sleb128, uleb128
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.reads import Layout, NotGenerated, elsewhere
from kabicheck.symver import decoders
from kabicheck.symver.decoders import Made
from kabicheck.symver.grammar import MARK, SKIPPED_IN_STRUCTURES
from kabicheck.symver.names import checked_name
from kabicheck.symver.not_proven import PARAMETER, NotProven
from kabicheck.symver.order import Lists, cut
from kabicheck.symver.outline import Outline
from kabicheck.symver.types import MAX_TEXT, TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.symver.decoders import Decoder
    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.units import Names

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
        self._neighbours = neighbours
        self._names = names
        self.data = d = info.data[unit.start : unit.end]
        self.layout = Layout(info.little, unit.address_size, unit.offset_size, bool(info.relocated))
        self.typedefs: dict[str, set[str]] = {}  # those that mention typedefs → which
        self._queue: list[tuple[int, str, str]] = []  # offset, reference, " NAME"
        self._first = unit.root - unit.start
        self.reader = DieReader(info, unit)
        self._files: list[str] | None = None
        self._private: dict[int, bool] = _Private(self._is_private)
        self._types = Made(self._maker(decoders.type_text))
        self._owns = Made(self._maker(decoders.own_text))
        self._members = Made(self._make_member)
        self._enumerators = Made(self._make_list(dw.TAG_ENUMERATOR, decoders.enumerator))
        self._parameters = Made(self._make_list(dw.TAG_FORMAL_PARAMETER, self.parameter))
        self._subranges = Made(self._make_list(dw.TAG_SUBRANGE, decoders.subrange))
        self._variants = Made(self._make_variant)
        self.bindings: dict[str, Any] = {
            "d": d,
            "R": info.relocated_in(unit),
            "S": names.tables(unit)[0],
            "L": names.tables(unit)[1],
            "Z": names.other_strings(unit),
            "X": self.reader.indexed_strings(),
            "T": self,
            "P": self._private,
            "A": self,
            "K": None,
            "inline": _inline_name,
            "uleb": uleb128,
            "sleb": sleb128,
            "named": self._named,
            "unnamed": self._refer if graph else self._write_out,
            "fqn": self._fqn,
            "members": self._lister(self._members),
            "enumerators": self._lister(self._enumerators),
            "parameters": self._lister(self._parameters),
            "subranges": self._lister(self._subranges),
            "variants": self._lister(self._variants),
            "subroutine": self._subroutine,
        }
        self.outline = Outline(self)

    # --- types -------------------------------------------------------------------------------------

    def __missing__(self, offset: int) -> str:
        if offset < self._first:
            texts, at = self.elsewhere(offset)
            found = self[offset] = texts[at]
            return found
        code = self.data[offset]
        if code < 128:
            text: str = self._types[code](offset + 1, offset)
        else:
            code, p = uleb128(self.data, offset)
            text = self._types[code](p, offset)
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
        dies, own, owns, d = strings.dies, self._own, self._owns, self.data
        for offset, reference, name in self._queue:  # which grows
            code = d[offset]
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
        code, p = self.code(offset)
        bind = self.bind(decoders.symbol_text, code)
        text: str = bind(p, offset)
        return text

    def pointed_type(self, offset: int) -> int:
        """save_symbol_ptr: the type that a `__gendwarfksyms_ptr_NAME` variable carries, as an offset in all units."""
        texts, pointer = self.type_of(offset)
        if texts.tag(pointer) != dw.TAG_POINTER:
            raise NotProven("a symbol pointer that is no pointer")
        inner, target = texts.type_of(pointer)
        if inner.tag(target) == dw.TAG_SUBROUTINE:
            return inner.unit.start + target
        return texts.unit.start + pointer

    def tag(self, offset: int) -> int:
        """The tag of a DIE."""
        return self.shape(self.code(offset)[0]).tag

    def type_of(self, offset: int) -> tuple[UnitTexts, int]:
        """The type of a DIE, and the unit that it is in."""
        die = self.reader.read(self.unit.start + offset)
        target = None if die is None else self.reader.reference(die, dw.AT_TYPE)
        if target is None:
            raise NotProven("a symbol pointer without a type")
        return self._neighbour(target)

    def code(self, offset: int) -> tuple[int, int]:
        """The abbreviation code at an offset and the offset behind it."""
        if offset < self._first:
            raise NotProven("a reference outside its unit")
        code = self.data[offset]
        return (code, offset + 1) if code < 128 else uleb128(self.data, offset)

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
        code, p = self.code(offset)
        text: str = self._owns[code](p, name)
        return text

    def _subroutine(self, word: str, first: int, offset: int, result: str) -> str:
        """__process_subroutine_type. An offset of 0 says that nothing refers to this list of parameters."""
        items = self.bindings["parameters"](first) if first else ()
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

    @cached_property
    def _bound(self) -> tuple[Any, ...]:
        return tuple([self.bindings[name] for name in decoders.BINDINGS])

    def by_code(self, make: Callable[[int], Any]) -> dict[int, Any]:
        """A table by abbreviation code that fills itself."""
        return Made(make)

    def shape(self, code: int) -> Abbreviation:
        """The abbreviation of a code."""
        return self.unit.abbreviations[code]

    def bind(self, role: Callable[..., Any], code: int) -> Decoder:
        """A role's function for an abbreviation, bound to this unit."""
        decoder: Decoder = decoders.of_role(role, self.layout)[self.shape(code)](*self._bound)
        return decoder

    def _maker(self, role: Callable[..., Any]) -> Callable[[int], Decoder]:
        shapes, binders = self.unit.abbreviations, decoders.of_role(role, self.layout)
        return lambda code: binders[shapes[code]](*self._bound)

    def _make_member(self, code: int) -> Decoder:
        """___process_structure_type."""
        shape = self.shape(code)
        if shape.tag == dw.TAG_MEMBER and not shape.children:
            return self.bind(self.member, code)
        if shape.tag == dw.TAG_VARIANT_PART:
            return self._with_children(decoders.variant_part, code)
        if shape.tag in SKIPPED_IN_STRUCTURES:
            return self._skipper(code)
        raise NotProven(f"tag {shape.tag:#x} in a structure")

    def _make_variant(self, code: int) -> Decoder:
        """What a variant part contains: process_type for all."""
        shape = self.shape(code)
        if shape.tag == dw.TAG_VARIANT:
            return self._with_children(decoders.variant, code)
        if shape.tag == dw.TAG_MEMBER and not shape.children:
            return self.bind(self.member, code)
        raise NotProven(f"tag {shape.tag:#x} in a variant part")

    def _with_children(self, role: Callable[..., Any], code: int) -> Decoder:
        decode = self.bind(role, code)
        if not self.shape(code).children:
            return decode

        def nested(p: int, add: Callable[[str], None]) -> int:
            decode(p, add)
            return self.outline.behind(code, p)

        return nested

    def _make_list(self, tag: int, role: Callable[..., Any]) -> Callable[[int], Decoder]:
        def make(code: int) -> Decoder:
            shape = self.shape(code)
            if shape.tag == tag and not shape.children:
                return self.bind(role, code)
            if shape.tag == tag:
                return self._with_children(role, code)
            return self._skipper(code)

        return make

    def _skipper(self, code: int) -> Decoder:
        return lambda p, _add: self.outline.behind(code, p)

    def _lister(self, by_code: Made) -> Callable[[int], list[str]]:
        """(offset of the first child) → the texts of a list's items."""
        d = self.data

        def items(p: int) -> list[str]:
            found: list[str] = []
            add = found.append
            code = d[p]
            if not code:
                return found
            while True:
                for _ in COUNTED:
                    if code < 128:
                        p = by_code[code](p + 1, add)
                    else:
                        code, p = uleb128(d, p)
                        p = by_code[code](p, add)
                    code = d[p]
                    if not code:
                        return found
                if sum(map(len, found)) > MAX_TEXT:
                    raise self.info.error(self.unit.start + p, TOO_LONG)

        return items


class _Private(dict[int, bool]):
    def __init__(self, ask: Callable[[int], bool]) -> None:
        super().__init__()
        self._ask = ask

    def __missing__(self, number: int) -> bool:
        answer = self[number] = self._ask(number)
        return answer


def _inline_name(raw: bytes) -> str:
    return checked_name(raw.decode("latin-1"))
