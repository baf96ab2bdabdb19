"""Which other units a unit refers to: dwz leaves imports and references behind where it took something away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.abbrev import block_end, uleb128

if TYPE_CHECKING:
    from kabicheck.dwarf.abbrev import Abbreviation
    from kabicheck.dwarf.info import DebugInfo, Unit

_ANY_LEB = dw.UNSIGNED_LEB_FORMS | {dw.FORM_SDATA}


class Elsewhere(NamedTuple):
    """A place in .debug_info, of the supplementary file or of the unit's own."""

    supplementary: bool
    offset: int


def elsewhere(info: DebugInfo, unit: Unit) -> frozenset[Elsewhere]:
    """All places outside of a unit that its DIEs refer to: each once. Raises ObjectError for what cannot be read."""
    if not any(
        form in dw.OTHER_UNIT_FORMS for s in unit.abbreviations.values() for _, form, _ in s.attributes
    ):
        return frozenset()
    try:
        return frozenset(_Scan(info, unit).run())
    except (IndexError, KeyError, ValueError):
        raise info.error(unit.start, "the unit cannot be read") from None


class _Scan:
    """One pass over all DIEs of a unit, which stand one behind the other; how they are nested does not matter."""

    def __init__(self, info: DebugInfo, unit: Unit) -> None:
        self._info = info
        self._unit = unit
        self._order: Literal["little", "big"] = "little" if info.little else "big"
        self._steps: dict[int, tuple[int | None, tuple[tuple[int, int], ...]]] = {0: (0, ())}
        self._found: set[Elsewhere] = set()

    def run(self) -> set[Elsewhere]:
        data, position, end, steps = self._info.data, self._unit.root, self._unit.end, self._steps
        while position < end:
            code = data[position]
            code, position = (code, position + 1) if code < 128 else uleb128(data, position)
            if code not in steps:
                steps[code] = self._step(self._unit.abbreviations[code])
            size, fields = steps[code]
            position = position + size if size is not None else self._read(position, fields)
        if position > end:
            raise ValueError(position)
        return self._found

    def _step(self, shape: Abbreviation) -> tuple[int | None, tuple[tuple[int, int], ...]]:
        """The size of a shape's DIEs where that is fixed and they refer to nothing, with no fields; else None, with the
        form and size of each field, -1 for a size that varies.
        """
        fields = tuple((form, self._size(form)) for _, form, _ in shape.attributes)
        if any(form in dw.OTHER_UNIT_FORMS or size < 0 for form, size in fields):
            return None, fields
        return sum(size for _, size in fields), ()

    def _size(self, form: int) -> int:
        size = dw.form_size(form, self._unit.address_size, self._unit.offset_size)
        return -1 if size is None else size

    def _read(self, position: int, fields: tuple[tuple[int, int], ...]) -> int:
        for form, size in fields:
            if form in dw.OTHER_UNIT_FORMS:
                self._found.add(
                    Elsewhere(form in dw.SUPPLEMENTARY_REFERENCES, self._info.word(position, size))
                )
            position = position + size if size >= 0 else self._behind(form, position)
        return position

    def _behind(self, form: int, position: int) -> int:
        """The offset behind a field of variable size."""
        data = self._info.data
        if form in _ANY_LEB:
            return uleb128(data, position)[1]
        if form == dw.FORM_STRING:
            return data.index(0, position) + 1
        if form == dw.FORM_INDIRECT:
            form, position = uleb128(data, position)
            return self._read(position, ((form, self._size(form)),))
        return block_end(data, form, position, self._order)
