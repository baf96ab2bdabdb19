"""The records of `.export_symbol`, which EXPORT_SYMBOL leaves in an object since Linux 6.5.

    __export_symbol_NAME:   .asciz "GPL"            or ""
                            .ascii "NAMESPACE\\0"
                            .balign 8; .quad NAME   4 and .long on 32 bits

modpost goes from each relocation to the label before it and compares the names (check_export_symbol in
scripts/mod/modpost.c). Here the section is read from its start to its end, so that a record that lost its label, its
relocation or its place is missed as well: record for record there is one label and one relocation, and nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.elf.tables import SHT_NOBITS, STB_LOCAL, STT_FUNC, STT_SECTION, string_at
from kabicheck.errors import ObjectError
from kabicheck.model import Export

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.elf.image import Image
    from kabicheck.elf.relocations import Relocation
    from kabicheck.elf.tables import Section

SECTION = ".export_symbol"
LABEL = "__export_symbol_"
_STRIPPED = "if its local symbols were stripped (strip, ld -x), take it as it was compiled"
LICENCES = ("", "GPL")  # that modpost knows


def read_records(image: Image) -> tuple[Export, ...]:
    """What the records say, in the order of their labels in the symbol table. Raises ObjectError."""
    labels = _labels(image)
    found: dict[str, Export] = {}
    for section in image.sections:
        if section.name == SECTION:
            found |= _Records(image, section, labels.pop(section.index, {})).read()
    for at_least_one in labels.values():
        name = next(iter(at_least_one.values()))
        raise ObjectError(image.path, f"damaged: the label {LABEL}{name} is not in {SECTION}")
    if not found:
        return ()
    order = (s.name[len(LABEL) :] for s in image.symbols if s.name.startswith(LABEL))
    return tuple(found[name] for name in dict.fromkeys(order))


def _labels(image: Image) -> dict[int, dict[int, str]]:
    """Number of a section → offset → the symbol that the label there says is exported."""
    labels: dict[int, dict[int, str]] = {}
    for symbol in image.symbols:
        if symbol.name.startswith(LABEL):
            name = symbol.name[len(LABEL) :]
            others = labels.setdefault(symbol.section, {})
            if others.setdefault(symbol.value, name) != name:
                raise ObjectError(
                    image.path,
                    f"damaged: labels for {others[symbol.value]} and {name} in one place",
                    section=SECTION,
                    offset=symbol.value,
                )
    return labels


class _Records:
    """One section, and the labels in it by offset."""

    def __init__(self, image: Image, section: Section, labels: dict[int, str]) -> None:
        self._image, self._section, self._labels = image, section, labels
        self._pointer = image.bits // 8

    def read(self) -> dict[str, Export]:
        """Name → export."""
        if self._section.type == SHT_NOBITS and self._section.size:
            raise self._error(0, "the exports' records are not in the file")
        data = self._image.contents(self._section)
        references = self._references() if data or self._labels else {}
        hint = "" if self._labels else _STRIPPED
        found: dict[str, Export] = {}
        at = 0
        while at < len(data):
            name = self._labels.pop(at, None)
            if name is None:
                raise self._error(at, "no label says whose record this is", hint)
            licence = string_at(data, at)
            namespace = string_at(data, at + len(licence) + 1)
            end = at + len(licence) + len(namespace) + 2
            pointer = self._pointer_behind(end, references)
            if pointer is None or pointer + self._pointer > len(data) or any(data[end:pointer]):
                raise self._error(at, f"the record of {name} has no relocation")
            if licence not in LICENCES:
                raise self._error(at, f"{name} has the unknown licence {licence[:20]!r}")
            self._require(name, references.pop(pointer), pointer)
            found.setdefault(name, Export(name, licence, namespace))
            at = pointer + self._pointer
        for offset, name in self._labels.items():
            raise self._error(offset, f"the label of {name} is at no record")
        for offset in references:
            raise self._error(offset, "a relocation in no record")
        return found

    def _references(self) -> dict[int, Relocation]:
        """Offset → relocation. Raises ObjectError where two are for one place."""
        references: dict[int, Relocation] = {}
        for entry in self._image.relocations(self._section).entries():
            if references.setdefault(entry.offset, entry) is not entry:
                raise self._error(entry.offset, "two relocations in one place")
        return references

    def _pointer_behind(self, end: int, references: Mapping[int, Relocation]) -> int | None:
        """Where the reference is of a record whose strings end there: aligned, or at once where nothing is aligned."""
        aligned = end + -end % self._pointer
        return aligned if aligned in references else end if end in references else None

    def _require(self, name: str, reference: Relocation, at: int) -> None:
        """The reference is an absolute one to the symbol that the label names, which modules can be linked with."""
        symbol = reference.symbol
        if symbol is None or not reference.absolute:
            raise self._error(at, f"the record of {name} refers to no symbol")
        if symbol.type == STT_SECTION:
            # as assemblers refer to a symbol that is not visible outside; find_tosym() in modpost looks for it
            target = next(
                (
                    s
                    for s in self._image.symbols
                    if s.name == name
                    and s.section == symbol.section
                    and (s.value & ~1 if s.type == STT_FUNC else s.value) == reference.addend & ~1
                ),
                None,
            )
            if target is None:
                raise self._error(at, f"the record of {name} refers to something else")
            symbol = target
        elif symbol.name != name or reference.addend:
            raise self._error(at, f"the record of {name} refers to {symbol.name or 'something else'}")
        if symbol.binding == STB_LOCAL:
            raise self._error(at, f"the exported symbol {name} is local")

    def _error(self, at: int, problem: str, hint: str = "") -> ObjectError:
        return ObjectError(self._image.path, f"damaged: {problem}", section=SECTION, offset=at, hint=hint)
