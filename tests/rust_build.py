"""The folder `rust/` of a kernel's build: Rust objects, helpers in C, and `exports.o`, which exports them all."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.elf.image import Image
from kabicheck.elf.rust_symbols import rust_exports

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Committed objects, and in README.md what gendwarfksyms said of them.
OBJECTS = Path(__file__).parent / "symver" / "data"
SIDES = ("shapes", "shapes_changed")

# As include/linux/export.h and rust/exports.c have it with CONFIG_GENDWARFKSYMS.
_EXPORT = """
#define EXPORT_SYMBOL_RUST_GPL(sym) extern int sym; \\
    static typeof(sym) *__gendwarfksyms_ptr_##sym \\
        __attribute__((used, section(".discard.gendwarfksyms"))) = &sym; \\
    asm(".section \\".export_symbol\\",\\"a\\"\\n__export_symbol_" #sym ":\\n" \\
        ".asciz \\"GPL\\"\\n.ascii \\"\\\\0\\"\\n.balign 8\\n.quad " #sym "\\n.previous");
"""

HELPERS = """
struct page { unsigned long flags; };
void *rust_helper_kmap(struct page *page) { return page; }
unsigned long rust_helper_page_flags(const struct page *page) { return page->flags; }
"""


def write_rust_build(root: Path, kernel: bytes, more: Mapping[str, str] | None = None) -> Path:
    """Make `root/rust/` with `kernel` as its kernel.o, and a built-in.a as kbuild leaves it; returns root.

    more: C sources of further objects of the folder, by path below it.
    """
    folder = root / "rust"
    (folder / "helpers").mkdir(parents=True)
    (folder / "kernel.o").write_bytes(kernel)
    sources = {"helpers/helpers.o": HELPERS, **(more or {})}
    for name, source in sources.items():
        compile_c(source, folder / name)
    objects = ["kernel.o", *sources]
    names = [name for path in objects for name in rust_exports(Image(folder / path))]
    compile_c(exports_c(names), folder / "exports.o")
    list_objects(root, "rust", [*objects, "exports.o"])
    return root


def exports_c(names: Iterable[str]) -> str:
    """rust/exports.c with the generated headers that it includes."""
    return _EXPORT + "".join(f"EXPORT_SYMBOL_RUST_GPL({name});\n" for name in names)


def compile_c(source: str, output: Path) -> None:
    subprocess.run(
        ["gcc", "-g", "-w", "-c", "-xc", "-", "-o", output.name],
        cwd=output.parent,
        input=source,
        text=True,
        check=True,
    )


def list_objects(root: Path, folder: str, names: Iterable[str]) -> None:
    """The built-in.a of a folder and that of the whole, both thin archives."""
    paths = [f"{folder}/{name}" for name in names]
    subprocess.run(["ar", "cDPrST", f"{folder}/built-in.a", *paths], cwd=root, check=True)
    subprocess.run(["ar", "cDPrST", "built-in.a", f"{folder}/built-in.a"], cwd=root, check=True)


def recorded_versions(side: str) -> dict[str, int]:
    """The committed object's versions, by gendwarfksyms."""
    rows = re.findall(r"^\| (\w+) +\| (0x\w+) +\| (0x\w+)", (OBJECTS / "README.md").read_text(), re.MULTILINE)
    return {row[0]: int(row[1 + SIDES.index(side)], 16) for row in rows}


def write_changed_builds(folder: Path) -> tuple[Path, Path]:
    """A build without and with another member of an enumeration."""
    old, new = ((OBJECTS / f"{name}.o").read_bytes() for name in ("shapes", "shapes_changed"))
    return write_rust_build(folder / "old", old), write_rust_build(folder / "new", new)
