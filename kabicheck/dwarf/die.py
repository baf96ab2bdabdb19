"""A careful reader of single DIEs: every attribute, every check, every error with its offset.

The exact walk, unit DIEs and error messages use it; the hot path has generated decoders (`symver/decoders.py`).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal, NamedTuple

from kabicheck.dwarf.abbrev import block_end, sleb128, uleb128
from kabicheck.dwarf.constants import (
    AT_SIBLING,
    AT_STR_OFFSETS_BASE,
    BLOCK_LENGTHS,
    FIXED_SIZES,
    FORM_ADDR,
    FORM_DATA1,
    FORM_DATA2,
    FORM_DATA4,
    FORM_DATA8,
    FORM_FLAG,
    FORM_FLAG_PRESENT,
    FORM_IMPLICIT_CONST,
    FORM_INDIRECT,
    FORM_LINE_STRP,
    FORM_REF_ADDR,
    FORM_SDATA,
    FORM_SEC_OFFSET,
    FORM_STRING,
    FORM_STRP,
    FORM_UDATA,
    INDEXED_STRINGS,
    OFFSET_FORMS,
    READ_ATTRIBUTES,
    SUPPLEMENTARY_REFERENCES,
    SUPPLEMENTARY_STRINGS,
    UNIT_REFERENCES,
    UNSIGNED_LEB_FORMS,
    form_size,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.info import DebugInfo, Unit
    from kabicheck.elf.tables import Section

MASK64 = (1 << 64) - 1
# What dwarf_formudata takes, beside DW_FORM_sdata and DW_FORM_implicit_const.
UNSIGNED_FORMS = frozenset({FORM_DATA1, FORM_DATA2, FORM_DATA4, FORM_DATA8, FORM_UDATA, FORM_SEC_OFFSET})


class Die(NamedTuple):
    """One DIE.

    offset: of its code, in .debug_info.
    tag: DW_TAG_*.
    attributes: attribute → (form, raw value, where the value is), for those of READ_ATTRIBUTES. The raw value of a
        block is None, of a string form its offset or index, or the text of DW_FORM_string.
    first: where its first child would be.
    children: whether there is one.
    """

    offset: int
    tag: int
    attributes: dict[int, Field]
    first: int
    children: bool


# (form, raw value, where the value is)
Field = tuple[int, int | str | None, int]
Steps = tuple[tuple[int, int, int, int | None], ...]


def _steps(shape: Abbreviation, address_size: int, offset_size: int) -> Steps:
    """How to read a shape: (attribute, form, constant, bytes to skip or None), with neighbours skipped at once."""
    steps: list[tuple[int, int, int, int | None]] = []
    skipped = 0
    for attribute, form, constant in shape.attributes:
        size = form_size(form, address_size, offset_size)
        if attribute not in READ_ATTRIBUTES and size is not None:
            skipped += size
            continue
        if skipped:
            steps.append((0, 0, 0, skipped))
            skipped = 0
        steps.append((attribute, form, constant, None))
    if skipped:
        steps.append((0, 0, 0, skipped))
    return tuple(steps)


class DieReader:
    """Reads the DIEs of one unit."""

    def __init__(self, info: DebugInfo, unit: Unit) -> None:
        self.info = info
        self.unit = unit
        self.file = info.file_of(unit)
        self._order: Literal["little", "big"] = "little" if info.little else "big"
        self._steps: dict[int, Steps] = {}
        self._indexed: tuple[int, ...] | None = None
        self._root: Die | None = None

    def read(self, offset: int) -> Die | None:
        """The DIE at an offset, or None for the null entry that ends a list of children."""
        unit = self.unit
        if not unit.root <= offset < unit.end:
            raise self.info.error(offset, "an offset outside its unit")
        try:
            code, at = uleb128(self.info.data, offset)
            if code == 0:
                return None
            shape = unit.abbreviations.get(code)
            if shape is None:
                raise self.info.error(offset, f"abbreviation {code} does not exist")
            attributes: dict[int, Field] = {}
            steps = self._steps.get(code)
            if steps is None:
                steps = self._steps[code] = _steps(shape, unit.address_size, unit.offset_size)
            for attribute, form, constant, size in steps:
                if size is not None:
                    at += size
                    continue
                value, actual, place, at = self._value(form, constant, at)
                if attribute not in attributes:
                    attributes[attribute] = actual, value, place
        except (IndexError, struct.error):
            raise self.info.error(offset, "a DIE is cut short") from None
        if at > unit.end:
            raise self.info.error(offset, "a DIE runs over the end of its unit")
        return Die(offset, shape.tag, attributes, at, shape.children)

    def whole(self, offset: int) -> Die:
        """A DIE with all its attributes, also those that `read` passes over. Raises KeyError where there is none."""
        code, at = uleb128(self.info.data, offset)
        shape = self.unit.abbreviations[code]
        attributes: dict[int, Field] = {}
        for attribute, form, constant in shape.attributes:
            value, actual, place, at = self._value(form, constant, at)
            attributes.setdefault(attribute, (actual, value, place))
        return Die(offset, shape.tag, attributes, at, shape.children)

    def children(self, die: Die) -> Iterator[Die]:
        """The direct children of a DIE, in order (dwarf_child, dwarf_siblingof)."""
        if not die.children:
            return
        at = die.first
        while at < self.unit.end and (child := self.read(at)) is not None:
            yield child
            at = self.behind(child)

    def behind(self, die: Die) -> int:
        """Where the DIE after this one and its descendants starts."""
        if not die.children:
            return die.first
        sibling = self.reference(die, AT_SIBLING)
        if sibling is not None:
            if not die.first <= sibling <= self.unit.end:
                raise self.info.error(die.offset, f"DW_AT_sibling points to {sibling:#x}")
            return sibling
        at, depth = die.first, 1
        while depth and at < self.unit.end:
            inner = self.read(at)
            if inner is None:
                at, depth = at + 1, depth - 1
                continue
            skip = self.reference(inner, AT_SIBLING) if inner.children else None
            if skip is not None and inner.first <= skip <= self.unit.end:
                at = skip
            else:
                at, depth = inner.first, depth + inner.children
        return at

    def root(self) -> Die:
        """The unit DIE, which is read once."""
        if self._root is None:
            self._root = self.read(self.unit.root)
            if self._root is None:
                raise self.info.error(self.unit.root, "a unit without a DIE")
        return self._root

    def number(self, die: Die, attribute: int) -> int | None:
        """An attribute as dwarf_formudata gives it: unsigned 64 bits; None where it is missing or no number."""
        form, value, _ = die.attributes.get(attribute, (0, None, 0))
        if form in UNSIGNED_FORMS and isinstance(value, int):
            return value
        if form in (FORM_SDATA, FORM_IMPLICIT_CONST) and isinstance(value, int):
            return value & MASK64
        return None

    def flag(self, die: Die, attribute: int) -> bool:
        """A flag attribute (dwarf_formflag); False where it is missing."""
        form, value, _ = die.attributes.get(attribute, (0, None, 0))
        return form in (FORM_FLAG, FORM_FLAG_PRESENT) and bool(value)

    def reference(self, die: Die, attribute: int) -> int | None:
        """The offset in .debug_info that an attribute refers to; None where it is missing."""
        form, value, _ = die.attributes.get(attribute, (0, None, 0))
        if form == 0:
            return None
        if form in UNIT_REFERENCES and isinstance(value, int):
            return self.unit.start + value
        if form == FORM_REF_ADDR and isinstance(value, int):
            return self.file.here(value)
        if form in SUPPLEMENTARY_REFERENCES and isinstance(value, int):
            return self.file.there(value)
        raise self.info.error(die.offset, f"references of form {form:#x} are not supported")

    def text(self, die: Die, attribute: int) -> str | None:
        """A string attribute (dwarf_formstring); None where it is missing."""
        form, value, _ = die.attributes.get(attribute, (0, None, 0))
        if form == 0:
            return None
        if isinstance(value, str):
            return value
        try:
            if value is None:
                raise IndexError("a string attribute without a string")
            if form == FORM_STRP:
                return self.file.strings[value]
            if form == FORM_LINE_STRP:
                return self.file.line_strings[value]
            if form in INDEXED_STRINGS:
                return self.file.strings[self.indexed_strings()[value]]
            if form in SUPPLEMENTARY_STRINGS:
                return self.file.other_strings[value]
        except IndexError as error:
            raise self.info.error(die.offset, str(error)) from None
        raise self.info.error(die.offset, f"strings of form {form:#x} are not supported")

    def _value(self, form: int, constant: int, at: int) -> tuple[int | str | None, int, int, int]:
        """(raw value, the form behind DW_FORM_indirect, where the value is, the offset behind it)."""
        data, unit = self.info.data, self.unit
        if form == FORM_INDIRECT:
            form, at = uleb128(data, at)
            if form in (FORM_INDIRECT, FORM_IMPLICIT_CONST):
                raise self.info.error(at, "DW_FORM_indirect leads to itself")
        if form == FORM_IMPLICIT_CONST:
            return constant, form, at, at
        if form == FORM_FLAG_PRESENT:
            return 1, form, at, at
        size = FIXED_SIZES.get(form)
        if size is not None:
            if at + size > len(data):
                raise IndexError(at)
            return int.from_bytes(data[at : at + size], self._order), form, at, at + size
        if form in OFFSET_FORMS:
            return self.info.word(at, unit.offset_size), form, at, at + unit.offset_size
        if form == FORM_ADDR:
            return self.info.word(at, unit.address_size), form, at, at + unit.address_size
        if form in UNSIGNED_LEB_FORMS:
            value, end = uleb128(data, at)
            return value, form, at, end
        if form == FORM_SDATA:
            value, end = sleb128(data, at)
            return value, form, at, end
        if form == FORM_STRING:
            end = data.find(b"\0", at)
            if end < 0:
                raise IndexError(at)
            return data[at:end].decode("latin-1"), form, at, end + 1
        if form in BLOCK_LENGTHS:
            return None, form, at, block_end(data, form, at, self._order)
        raise self.info.error(at, f"form {form:#x} is not known")

    def indexed_strings(self) -> tuple[int, ...]:
        """This unit's part of .debug_str_offsets: offsets in .debug_str by index (DWARF 5, section 7.26)."""
        if self._indexed is None:
            self._indexed = self._read_indexed()
        return self._indexed

    def _read_indexed(self) -> tuple[int, ...]:
        image = self.file.image
        section = image.debug_section("str_offsets")
        if section is None:
            return ()
        base = self.number(self.root(), AT_STR_OFFSETS_BASE)
        size = self.unit.offset_size
        if base is None:
            base = 8 if size == 4 else 16  # behind the header of the first contribution
        end = image.size(section)
        if base > end:
            raise self.info.error(
                self.unit.root, f"string offsets base {base:#x} is outside .debug_str_offsets"
            )
        end = self._end_of_contribution(section, base, end)
        data = image.part(section, base, end)
        relocated = image.relocated(section, base, end) if image.relocatable else {}
        order = "<" if self.info.little else ">"
        count = len(data) // size
        plain = struct.unpack_from(f"{order}{count}{'I' if size == 4 else 'Q'}", data)
        if not relocated:
            return plain
        return tuple(relocated.get(index * size, value) for index, value in enumerate(plain))

    def _end_of_contribution(self, section: Section, base: int, end: int) -> int:
        """Where this unit's string offsets end, by the length in front of them; the section's end without one."""
        width = self.unit.offset_size
        start = base - 4 - width  # of the length, with a version and padding behind it
        if start < 0:
            return end
        length = int.from_bytes(self.file.image.part(section, start, start + width), self._order)
        stop = start + width + length
        return stop if base <= stop <= end else end
