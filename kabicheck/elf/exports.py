"""Which symbols an object exports (include/linux/export.h, include/linux/export-internal.h)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.elf.image import SHT_NOBITS, string_at
from kabicheck.errors import ObjectError
from kabicheck.model import Export

if TYPE_CHECKING:
    from kabicheck.elf.image import Image, Section, Symbol

EXPORT_LABEL = "__export_symbol_"
KSYMTAB_LABEL = "__ksymtab_"
MAX_NAMESPACE = 4096  # a list of module names, since Linux 6.16
KSYMTAB_SECTIONS = ("__ksymtab", "___ksymtab")


def read_exports(image: Image) -> tuple[Export, ...]:
    """The exports of an object in the order of its symbol table; empty when there are none.

    Since Linux 6.5 EXPORT_SYMBOL leaves the licence and the namespace in `.export_symbol`, under a label with
    the symbol's name; before, it made `__ksymtab_NAME` entries in a section that tells the licence.
    """
    symbols = image.symbols
    section = image.section(".export_symbol")
    exports = _from_export_symbol(image, section, symbols) if section else _from_ksymtab(image, symbols)
    for export in exports:
        if not (export.name + export.licence + export.namespace).isprintable():
            raise ObjectError(image.path, f"the export {export.name!r} holds control characters")
    return exports


def _from_export_symbol(image: Image, section: Section, symbols: list[Symbol]) -> tuple[Export, ...]:
    data = image.contents(section)
    found: dict[str, Export] = {}
    for symbol in symbols:
        if symbol.name.startswith(EXPORT_LABEL) and symbol.section == section.index:
            licence = string_at(data, symbol.value)
            namespace = string_at(data, symbol.value + len(licence) + 1)
            name = symbol.name[len(EXPORT_LABEL) :]
            found.setdefault(name, Export(name, licence, namespace))
    return tuple(found.values())


def _from_ksymtab(image: Image, symbols: list[Symbol]) -> tuple[Export, ...]:
    """`__ksymtab_NAME` in `__ksymtab`, `__ksymtab_gpl`, or `___ksymtab+NAME`, `___ksymtab_gpl+NAME`.

    A linked kernel since 7.0 has one `__ksymtab` and keeps the licence as a bit of `__kflagstab`
    (KSYM_FLAG_GPL_ONLY in include/linux/module.h), one byte for each symbol in the same order.
    """
    names = {section.index: section.name for section in image.sections}
    namespaces = {s.name: s for s in symbols if s.name.startswith("__kstrtabns_")}
    found: dict[str, Export] = {}
    for symbol in symbols:
        if not symbol.name.startswith(KSYMTAB_LABEL):
            continue
        section = names.get(symbol.section, "")
        if not section.startswith(KSYMTAB_SECTIONS):
            continue
        name = symbol.name[len(KSYMTAB_LABEL) :]
        gpl = section.split("+")[0].endswith("_gpl")
        found.setdefault(
            name, Export(name, "GPL" if gpl else "", _string(image, namespaces.get(f"__kstrtabns_{name}")))
        )
    return _with_flags(image, symbols, found)


def _with_flags(image: Image, symbols: list[Symbol], found: dict[str, Export]) -> tuple[Export, ...]:
    flags = {s.name[len("__flags_") :]: s for s in symbols if s.name.startswith("__flags_")}
    if not flags:
        return tuple(found.values())
    exports = []
    for export in found.values():
        symbol = flags.get(export.name)
        gpl = symbol is not None and _byte(image, symbol) & 1
        exports.append(Export(export.name, "GPL" if gpl else export.licence, export.namespace))
    return tuple(exports)


def _place(image: Image, symbol: Symbol | None) -> tuple[Section, int] | None:
    """The section of a symbol and its offset there; values are addresses in a linked file."""
    if symbol is None or not 0 < symbol.section < len(image.sections):
        return None
    section = image.sections[symbol.section]
    offset = symbol.value - (0 if image.relocatable else section.address)
    return (section, offset) if 0 <= offset < section.size else None


def _string(image: Image, symbol: Symbol | None) -> str:
    place = _place(image, symbol)
    return string_at(image.part(place[0], place[1], place[1] + MAX_NAMESPACE), 0) if place else ""


def _byte(image: Image, symbol: Symbol) -> int:
    place = _place(image, symbol)
    return int.from_bytes(image.part(place[0], place[1], place[1] + 1)) if place else 0


def holds_licences(image: Image) -> bool:
    """Whether licences and namespaces are in the file: of a separate debug file only the sections' headers are left."""
    return not any(s.type == SHT_NOBITS and s.name.startswith("__ksymtab_strings") for s in image.sections)


def holds_export_table(image: Image) -> bool:
    """Whether a linked file exports something, also where its symbol table, which has the names, was stripped."""
    return any(
        section.size and section.name.split("_gpl")[0] in KSYMTAB_SECTIONS for section in image.sections
    )
