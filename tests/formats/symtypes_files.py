"""Symtypes files as gendwarfksyms writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.formats.symtypes import format_symtypes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_symtypes(path: Path, types: Mapping[str, str]) -> None:
    """Write one file, sorted by name as gendwarfksyms does (strcmp: by bytes)."""
    path.write_bytes(format_symtypes(dict(sorted(types.items()))).encode("latin-1"))
