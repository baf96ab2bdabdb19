"""Lists of the exports that a kernel keeps stable, in the forms that distributions have for them.

Red Hat's stablelists (`kabi_stablelist_x86_64`) and Android's KMI symbol lists have a section and indented names:

    [rhel9_x86_64_stablelist]                 [abi_symbol_list]
            ___pskb_trim                      # required by dwc3.ko
            __alloc_pages                       usb_add_gadget

`Module.kabi` has the lines of an old Module.symvers, with the version that each export is to keep. A plain list of
names, one on each line, is read too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.errors import ObjectError
from kabicheck.formats.bounded import read_text
from kabicheck.formats.symvers import parse_symvers

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILE_SIZE = 64 * 1024 * 1024

_SECTION = re.compile(r"\[[\w.+ -]+\]", re.ASCII)
# A symbol as ELF has it: C's, Rust's mangled ones, and what assemblers allow.
_NAME = re.compile(r"[A-Za-z_.$][\w.$]*", re.ASCII)


def read_stablelist(path: Path) -> frozenset[str]:
    """The exports that a list names, of all its sections.

    Raises ObjectError, naming file and line, also for a list without a name: nothing could fail by it.
    """
    return parse_stablelist(read_text(path, MAX_FILE_SIZE, "a list of symbols"), path)


def parse_stablelist(content: str, path: Path | str) -> frozenset[str]:
    """Like `read_stablelist`, from the file's content; `path` is for error messages."""
    if content.startswith("0x"):
        names = {export.name for side in parse_symvers(content, path) for export in side.exports}
    else:
        names = set(_names(content, path))
    if not names:
        raise ObjectError(path, "names no symbol")
    return frozenset(names)


def _names(content: str, path: Path | str) -> list[str]:
    names = []
    for number, line in enumerate(content.split("\n"), 1):
        word = line.partition("#")[0].strip()
        if not word or _SECTION.fullmatch(word):
            continue
        if not _NAME.fullmatch(word):
            raise ObjectError(f"{path}:{number}", "not a line of a symbol list: a [section], or one name")
        names.append(word)
    return names
