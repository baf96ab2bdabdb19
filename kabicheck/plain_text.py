"""Words for people: text from input files made safe to show, since names in object files are anything, and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME = 300
LONGEST_LINE = 2000
# How many columns a list of names may take before the rest is only counted.
_WIDTH = 100


def printable(text: str, longest: int = LONGEST_LINE) -> str:
    """One line without control characters, escape sequences or halves of characters, of bounded length.

    A byte of a file's name that is no UTF-8 is shown as that byte.
    """
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c in "\t\n" else f"\\x{_code(c):02x}" for c in text)


def _code(character: str) -> int:
    code = ord(character)
    return code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code  # as os.fsdecode hides what it cannot decode


def counted(count: int, noun: str) -> str:
    """`1 export`, `2 exports`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(start: str, items: Iterable[str], width: int = _WIDTH) -> str:
    """`start a, b, … (+3)`: as many items as fit, and at least two."""
    items = list(items)
    line = start
    for number, item in enumerate(items):
        addition = f" {item},"
        if number > 1 and len(line) + len(addition) > width:
            return f"{line.removesuffix(',')}, … (+{len(items) - number:,})"
        line += addition
    return line.removesuffix(",")
