"""Looking through a folder, all of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kabicheck.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEEPEST = 100  # folders in each other; a kernel has ten


def walk(root: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """`os.walk`, but what a folder holds that cannot be read, or lies too deep, is not passed over.

    Raises FetchError.
    """
    top = os.fspath(root).rstrip("/").count("/")
    for parent, folders, files in os.walk(root, onerror=_refuse):
        if parent.count("/") - top > DEEPEST:
            raise FetchError(f"{root}: holds folders in more than {DEEPEST} others, which no build does")
        yield parent, folders, files


def _refuse(error: OSError) -> None:
    raise FetchError(f"{error.filename}: the folder cannot be read: {error.strerror}") from None
