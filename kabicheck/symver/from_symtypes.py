"""Versions from recorded type strings: what a symtypes file says without its object.

A version is the CRC-32 of an export's type string with every reference written out once, and the file holds all of
these strings, so the versions are those that the tool printed when it wrote the file. gendwarfksyms' references
stand for themselves when they are mentioned again. genksyms writes `struct NAME`, or a typedef's name, and ends
every word with a space (expand_and_crc_sym() in scripts/genksyms/genksyms.c).
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from kabicheck.errors import NoExports
from kabicheck.formats.symtypes import (
    LINES_KEPT,
    is_c,
    is_reference,
    read_symtypes,
    referenced_name,
    split_references,
)
from kabicheck.model import Export, ObjectVersions
from kabicheck.symver.grammar import MARK
from kabicheck.symver.types import TypeStrings
from kabicheck.symver.version import Versions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


class Tool(StrEnum):
    """Which of the kernel's tools wrote type strings."""

    GENDWARFKSYMS = "gendwarfksyms"
    GENKSYMS = "genksyms"


# symbol_types[] of genksyms: how a type is mentioned that was written out before
_KEYWORDS = {"s": "struct ", "u": "union ", "e": "enum ", "t": "", "E": ""}


def tool_of(types: Mapping[str, str]) -> Tool:
    """Who wrote these type strings."""
    return Tool.GENKSYMS if all(map(is_c, types.values())) else Tool.GENDWARFKSYMS


class RecordedTypes:
    """The type strings of one object, from a symtypes file. Raises ObjectError, NoExports.

    path: the file, for messages.
    types: what it holds, where it was read already.
    """

    def __init__(
        self, path: Path, name: str = "", module: str = "", *, types: Mapping[str, str] | None = None
    ) -> None:
        self._path = path
        self._name = name or str(path)
        self._module = module
        self._types = read_symtypes(path) if types is None else types
        self.exports = [export for export in self._types if not is_reference(export)]
        if not self.exports:
            raise NoExports(path, "holds types, but no exported symbol")
        self.tool = tool_of(self._types)

    def versions(self, exports: Iterable[str] | None = None) -> ObjectVersions:
        """The versions of all exports, or of some, as plain data. Raises ObjectError.

        Licences and namespaces are not recorded.
        """
        wanted = self.exports if exports is None else list(exports)
        versions = Versions(_Strings(self._types, self.tool), str(self._path))
        return ObjectVersions(
            path=self._name,
            module=self._module,
            exports=tuple(map(Export, wanted)),
            versions={export: versions.crc(export) for export in wanted},
        )

    def types(self) -> Mapping[str, str]:
        """Type reference or export → own type string."""
        return self._types


class _Strings(TypeStrings):
    """The type strings of one object as `Versions` asks for them: by what a repeated mention of the type is."""

    def __init__(self, types: Mapping[str, str], tool: Tool) -> None:
        super().__init__()
        self._types = types
        self._tool = tool
        self.symbols = {name: _marked(text, tool) for name, text in types.items() if not is_reference(name)}

    def text(self, reference: str) -> str | None:
        for name in self._names(reference):
            if name in self._types:
                return _marked(self._types[name], self._tool)
        return None

    def _names(self, mention: str) -> list[str]:
        """The references that a mention may stand for: one name space for tags, one for the rest (map_to_ns())."""
        if self._tool is Tool.GENDWARFKSYMS:
            return [mention]
        keyword, _, name = mention.rstrip(" ").rpartition(" ")
        if not keyword:
            return [f"t#{name}", f"E#{name}"]
        own = keyword[0]
        return [f"{prefix}#{name}" for prefix in (own, *{"s", "u", "e"} - {own})]


@lru_cache(LINES_KEPT)
def _marked(text: str, tool: Tool) -> str:
    """A type string with its references between marks. Many objects hold the same one."""
    if tool is Tool.GENDWARFKSYMS:
        return MARK.join(split_references(text))
    # Every word ends with a space; that of a reference belongs to what takes its place.
    first, *parts = split_references(f"{text} ")
    mentions = (f"{_KEYWORDS[name[0]]}{referenced_name(name)} " for name in parts[0::2])
    rests = (rest.removeprefix(" ") for rest in parts[1::2])
    return MARK.join((first, *(piece for pair in zip(mentions, rests, strict=True) for piece in pair)))
