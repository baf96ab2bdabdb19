"""Which program calculated a result: the hash of the sources that decide it.

A number that somebody has to raise would be forgotten once, and old versions taken for new ones.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from kabicheck.errors import UsageError

PACKAGE = Path(__file__).parents[1]
# Folders and files of the package that decide a result: what `symver` is made of, how it is called, and how results
# become rows. tests/index/test_program.py reads the imports.
SOURCES = (
    *(f"pipeline/{name}.py" for name in ("exports", "linked_surveys", "reading")),
    *("dwarf", "elf", "errors.py", "formats", "index", "model", "packed.py", "symver", "tables.py"),
)


def engine_version(package: Path = PACKAGE) -> bytes:
    """Changes with any source that a symbol version depends on, and with the interpreter's version.

    Raises UsageError where the sources are not there to be read.
    """
    files = [file for source in SOURCES for file in _files(package / source)]
    if len(files) < len(SOURCES):
        raise UsageError(
            f"{package}: kabicheck's own sources are not there, so results of other versions cannot be told apart",
            hint="--no-cache goes without kept results",
        )
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(package)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.digest()


def _files(source: Path) -> list[Path]:
    """The Python files in a folder, or the file itself; nothing where there is neither."""
    return sorted(source.rglob("*.py")) if source.is_dir() else [source] if source.is_file() else []
