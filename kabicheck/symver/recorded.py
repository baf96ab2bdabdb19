"""Versions from recorded type strings: what a symtypes file of gendwarfksyms says without its object.

A version is the CRC-32 of an export's type string with every reference written out once, and the file holds
all of these strings, so the versions are those that gendwarfksyms printed when it wrote the file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import NoExports, Unsupported
from kabicheck.formats.symtypes import is_reference, read_symtypes, split_references
from kabicheck.model import Export, ObjectVersions
from kabicheck.symver.grammar import MARK
from kabicheck.symver.types import TypeStrings
from kabicheck.symver.version import Versions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class RecordedTypes:
    """One symtypes file. Raises ObjectError, NoExports; Unsupported for files of genksyms."""

    def __init__(self, path: Path, name: str = "", module: str = "") -> None:
        self._path = path
        self._name = name or str(path)
        self._module = module
        self._types = read_symtypes(path)
        self._exports = [export for export in self._types if not is_reference(export)]
        if not self._exports:
            raise NoExports(path, "holds types, but no exported symbol")
        for export in self._exports:
            if not self._types[export].startswith(("subprogram ", "variable ")):
                raise Unsupported(
                    path,
                    f"the type of {export} is not as gendwarfksyms writes it",
                    hint="symtypes files of genksyms are not understood yet",
                )

    def versions(self) -> ObjectVersions:
        """The versions as plain data. Licences and namespaces are not recorded. Raises ObjectError."""
        strings = TypeStrings()
        for name, text in self._types.items():
            marked = MARK.join(split_references(text))
            (strings.named if is_reference(name) else strings.symbols)[name] = marked
        versions = Versions(strings, str(self._path))
        return ObjectVersions(
            path=self._name,
            module=self._module,
            exports=tuple(map(Export, self._exports)),
            versions={export: versions.crc(export) for export in self._exports},
        )

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string."""
        return self._types
