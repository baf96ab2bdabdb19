"""The tables of exports that the loader reads: of an object before Linux 6.5, of modules and vmlinux at all times.

An entry is three references (value, name, namespace), or two before Linux 5.4, of 4 bytes each where they are relative
(CONFIG_HAVE_ARCH_PREL32_RELOCATIONS) and a pointer each where they are not. Beside a table of n entries there are n
versions (`__kcrctab`, 4 bytes each, a long before relative ones) and n bytes of flags (`__kflagstab`, since 7.0), and
for each entry `__kstrtab_NAME` labels its name. Strings are shared, so that these cannot be counted by bytes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kabicheck.elf.tables import string_at
from kabicheck.errors import ObjectError
from kabicheck.model import Export

if TYPE_CHECKING:
    from kabicheck.elf.image import Image
    from kabicheck.elf.tables import Section, Symbol

LABEL = "__ksymtab_"
NAME_LABEL = "__kstrtab_"
KSYMTAB_SECTIONS = ("__ksymtab", "___ksymtab")
STRINGS = "__ksymtab_strings"
MAX_NAMESPACE = 4096  # a list of module names, since Linux 6.16


def read_tables(image: Image) -> tuple[Export, ...]:
    """`__ksymtab_NAME` in `__ksymtab`, `__ksymtab_gpl`, or `___ksymtab+NAME`, `___ksymtab_gpl+NAME`.

    A linked kernel since 7.0 has one `__ksymtab` and keeps the licence as a bit of `__kflagstab`
    (KSYM_FLAG_GPL_ONLY in include/linux/module.h), one byte for each symbol in the same order.

    Empty where the names of the entries were stripped. Raises ObjectError where tables do not agree.
    """
    tables = {section.index: section for section in image.sections if _is_table(section)}
    symbols = [s for s in image.symbols if s.name.startswith(("__ks", "__flags_"))]
    namespaces = {s.name: s for s in symbols if s.name.startswith("__kstrtabns_")}
    places: dict[int, list[int]] = {index: [] for index in tables}
    found: dict[str, Export] = {}
    for symbol in symbols:
        if symbol.section in tables and symbol.name.startswith(LABEL):
            name = symbol.name[len(LABEL) :]
            gpl = tables[symbol.section].name.split("+")[0].endswith("_gpl")
            found.setdefault(
                name,
                Export(name, "GPL" if gpl else "", _string(image, namespaces.get(f"__kstrtabns_{name}"))),
            )
            places[symbol.section].append(symbol.value)
    _require_names(image, symbols, found)
    if found:
        for index, offsets in places.items():
            _require_entries(image, tables[index], sorted(offsets))
    return _with_flags(image, symbols, found)


def _is_table(section: Section) -> bool:
    return section.name.startswith(KSYMTAB_SECTIONS) and not section.name.startswith(STRINGS)


def _require_entries(image: Image, table: Section, offsets: list[int]) -> None:
    """There is one label for each entry of a table, and one version and one flag where the file has such."""
    if not table.size and not offsets:
        return
    number = len(offsets)
    width = image.bits // 8
    size = table.size // number if number else 0
    if (
        not number
        or table.size % number
        or size not in (8, 12, 2 * width, 3 * width)
        or any(second - first != size for first, second in pairwise(offsets))
    ):
        raise ObjectError(
            image.path,
            f"damaged: {number} labels do not fit a table of {table.size} bytes",
            section=table.name,
        )
    for other, sizes in (("kcrctab", {4, width}), ("kflagstab", {1})):
        beside = image.section(table.name.replace("ksymtab", other, 1))
        if beside is not None and beside.size and beside.size not in {each * number for each in sizes}:
            raise ObjectError(
                image.path,
                f"damaged: {beside.size} bytes do not fit the {number} entries of {table.name}",
                section=beside.name,
            )


def _require_names(image: Image, symbols: list[Symbol], found: dict[str, Export]) -> None:
    """What has a name in the strings has an entry, too, and the name is that of the label.

    Of a separate debug file, which has no strings, the labels are counted: whose it is, is told by comparing exports.
    """
    names = {s.name[len(NAME_LABEL) :]: s for s in symbols if s.name.startswith(NAME_LABEL) and s.section}
    strings = False
    for name, symbol in names.items():
        said = _string(image, symbol)
        strings = strings or bool(said)
        if said and said != name:
            raise ObjectError(image.path, f"damaged: the export {name} is called {said[:60]!r} in {STRINGS}")
    missing = names.keys() - found.keys()
    if missing and (strings or len(names) > len(found)):
        raise ObjectError(
            image.path, f"damaged: there is a name for the export {min(missing)}, but no entry in a table"
        )


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
