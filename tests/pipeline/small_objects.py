"""Small objects with debug information, which no compiler has to make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.dwarf_writer import Unit, die, exported, function, member, pointer, struct_type, variable, write

if TYPE_CHECKING:
    from pathlib import Path


def write_object(path: Path, *names: str, exports: tuple[str, ...] = ("f", "g"), size: int = 4) -> Path:
    """An object that exports some functions, and describes those with a name."""
    integer = die("base_type", name="int", byte_size=size, encoding=5)
    s = struct_type("s", member("__kabi_ignored_0", integer), member("a", integer), byte_size=8)
    section, labels = exported(*((name, "GPL", "NS") for name in exports))
    path.write_bytes(write([Unit(*(function(name, pointer(s)) for name in names))], labels, [section]))
    return path


def stand_in(path: Path, name: str, size: int = 4) -> Path:
    integer = die("base_type", name="int", byte_size=size, encoding=5)
    path.write_bytes(write([Unit(variable(f"__gendwarfksyms_ptr_{name}", pointer(integer)))]))
    return path
