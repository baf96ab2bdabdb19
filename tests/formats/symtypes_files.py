"""Symtypes files as gendwarfksyms writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def format_symtypes(types: Mapping[str, str]) -> str:
    """The file's content, in the order of the mapping."""
    return "".join(f"{name} {text}\n" for name, text in types.items())


def write_symtypes(path: Path, types: Mapping[str, str]) -> None:
    """Write one file, sorted by name as gendwarfksyms does (strcmp: by bytes)."""
    path.write_bytes(format_symtypes(dict(sorted(types.items()))).encode("latin-1"))
