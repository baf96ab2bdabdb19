"""Rust's exports: `rust/exports.o` joined with the objects that define what it exports (kabicheck.elf.rust_symbols)."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kabicheck.elf.exports import read_exports
from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import rust_exports
from kabicheck.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def defining_objects(build: Path, exporter: str, listed: Iterable[str]) -> Iterator[str]:
    """Those of the listed objects around `exporter` that define symbols which it exports.

    Raises BuildError where a symbol's object is not among them: its version would be anybody's guess.
    """
    missing = {export.name for export in read_exports(Image(build / exporter))}
    folder = f"{posixpath.dirname(exporter)}/".removeprefix("/")
    for path in listed:
        if path == exporter or not path.startswith(folder) or not path.endswith(".o"):
            continue
        defined = missing.intersection(rust_exports(Image(build / path)))
        if defined:
            missing -= defined
            yield path
    if missing:
        raise BuildError(
            f"{build / exporter}: exports {min(missing)}, which no object here defines ({len(missing)} in all)",
            hint="take the whole folder: rust/ as target, or all of its object files",
        )
