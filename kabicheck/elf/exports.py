"""Which symbols an object exports (include/linux/export.h, include/linux/export-internal.h).

What is left of an EXPORT_SYMBOL says the same thing several times. Where these do not agree the file is damaged, and
what else it may have exported cannot be told: that is an error, never a list that is merely shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.elf.ksymtab import KSYMTAB_SECTIONS, read_tables
from kabicheck.elf.records import SECTION, read_records
from kabicheck.elf.tables import SHT_NOBITS
from kabicheck.errors import ObjectError, Unsupported

if TYPE_CHECKING:
    from kabicheck.elf.image import Image
    from kabicheck.model import Export

# In a table of symbols' names: what no file has that exports nothing, but for a kernel that looks for exports.
_TRACES = (b"__export_symbol_", b"\0__ksymtab_", b"\0__kstrtab_")
# The symbol of an object of gcc -flto without -ffat-lto-objects (compile_file() in gcc/toplev.cc): no section of it
# holds code or exports, not even what asm() says.
_SLIM = b"\0__gnu_lto_slim\0"


def read_exports(image: Image) -> tuple[Export, ...]:
    """The exports of an object in the order of its symbol table; empty when there are none.

    Since Linux 6.5 EXPORT_SYMBOL leaves the licence and the namespace in `.export_symbol`, under a label with
    the symbol's name; before, it made `__ksymtab_NAME` entries in a section that tells the licence.

    Raises ObjectError where the file does not agree with itself about what it exports, or has yet to be compiled.
    """
    exports = read_records(image) or (() if image.section(SECTION) else read_tables(image))
    if not exports:
        _require_code(image)
    for export in exports:
        if not (export.name + export.licence + export.namespace).isprintable():
            raise ObjectError(image.path, f"the export {export.name!r} holds control characters")
        if not export.name or (export.namespace and not any(map(str.isalnum, export.namespace))):
            raise ObjectError(
                image.path, f"damaged: the export {export.name!r} has the namespace {export.namespace!r}"
            )
    return exports


def holds_exports(image: Image) -> bool:
    """Whether an object exports something, or has a section for it, even if it is empty.

    Of one without such a section only the names of symbols are looked at, and all of it where these speak of exports.
    Raises ObjectError as `read_exports` does.
    """
    if any(
        section.name == SECTION or section.name.startswith(KSYMTAB_SECTIONS) for section in image.sections
    ):
        return True
    _require_code(image)
    names = image.symbol_names()
    return any(trace in names for trace in _TRACES) and bool(read_exports(image))


def _require_code(image: Image) -> None:
    """What has yet to be compiled may export anything. Raises Unsupported."""
    if _SLIM in image.symbol_names():
        raise Unsupported(
            image.path,
            "holds what gcc compiles when it links (-flto), which does not say what is exported",
            hint="build without link-time optimisation, or compare vmlinux and the modules",
        )


def holds_licences(image: Image) -> bool:
    """Whether licences and namespaces are in the file: of a separate debug file only the sections' headers are left."""
    return not any(s.type == SHT_NOBITS and s.name.startswith("__ksymtab_strings") for s in image.sections)


def holds_export_table(image: Image) -> bool:
    """Whether a linked file exports something, also where its symbol table, which has the names, was stripped."""
    return any(
        section.size and section.name.split("_gpl")[0] in KSYMTAB_SECTIONS for section in image.sections
    )
