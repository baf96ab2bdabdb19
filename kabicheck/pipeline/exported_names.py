"""What an object exports, by the quickest way there is: reading its types takes far longer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.formats.symtypes import is_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kabicheck.model import BuiltObject


def exported(types: Iterable[str]) -> frozenset[str]:
    """The exports among the names that have type strings in a symtypes file."""
    return frozenset(name for name in types if not is_reference(name))


def exported_by(built: BuiltObject) -> frozenset[str]:
    """The names that an object exports by its symbol table, and for one of `rust/` perhaps those that others there do.

    Raises ObjectError.
    """
    exports = built.unit.exports if built.unit else read_exports(Image(built.exporter or built.file))
    return frozenset(export.name for export in exports)
