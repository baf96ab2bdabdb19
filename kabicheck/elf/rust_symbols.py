"""How the kernel exports Rust symbols: `rust/Makefile` and `rust/exports.c`.

Every symbol that an object of `rust/` defines is exported, from `rust/exports.o`, which declares them all as
`extern int`: what that object's debug information says of them is wrong, and kbuild leaves it out
(skip_gendwarfksyms). Each object's symbols are versioned from the object itself, as one list.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from kabicheck.elf.tables import SHF_ALLOC, STB_GLOBAL, STT_GNU_IFUNC

if TYPE_CHECKING:
    from kabicheck.elf.image import Image
    from kabicheck.elf.tables import Symbol

_EXPORTER = ("rust", "exports.o")
_LEFT_OUT = re.compile("__(pfx|cfi|odr_asan)")


def exports_rust_symbols(path: PurePath | str) -> bool:
    """Whether this is `rust/exports.o`."""
    return PurePath(path).parts[-2:] == _EXPORTER


def is_exporter_source(path: str) -> bool:
    """Whether this is the source of `rust/exports.o`."""
    return PurePath(path).parts[-2:] == ("rust", "exports.c")


def rust_exports(image: Image) -> tuple[str, ...]:
    """The list of symbols that kbuild versions an object of `rust/` with, in its order.

    `nm -p --defined-only` of the types T, R, D and B: global and in memory, neither weak nor unique nor indirect.
    """
    return tuple(s.name for s in image.symbols if _is_listed(image, s) and not _LEFT_OUT.search(s.name))


def _is_listed(image: Image, symbol: Symbol) -> bool:
    return (
        symbol.binding == STB_GLOBAL
        and symbol.type != STT_GNU_IFUNC
        and 0 < symbol.section < len(image.sections)
        and bool(image.sections[symbol.section].flags & SHF_ALLOC)
    )
