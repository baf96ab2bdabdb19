"""What the package's files import, read from their source."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def imports_of(path: Path) -> set[str]:
    """All modules that a file imports, lazily or not, under TYPE_CHECKING or not."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer_of(module: str) -> str | None:
    """The layer that a module belongs to: the folder or file directly in the package. None for others' modules."""
    parts = module.split(".")
    return parts[1] if parts[0] == "kabicheck" and len(parts) > 1 and parts[1] != "__version__" else None
