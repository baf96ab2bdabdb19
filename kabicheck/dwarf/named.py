"""Which files an object's debug information names: those that its units declare something in, or have code from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import read_files
from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.errors import NoDebugInfo

if TYPE_CHECKING:
    from pathlib import Path


def named_files(path: Path) -> frozenset[str]:
    """Absolute paths, as compilers wrote them; none where there is no debug information.

    Headers that define macros alone are not among them. Raises ObjectError.
    """
    try:
        info = DebugInfo(Image(path))
    except NoDebugInfo:
        return frozenset()
    found: set[str] = set()
    for unit in info.units:
        found.update(read_files(DieReader(info, unit)))
    return frozenset(name for name in found if name.startswith("/"))
