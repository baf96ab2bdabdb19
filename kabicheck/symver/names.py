"""Names as generated code takes them from string sections: checked that a type string cannot misread them."""

from __future__ import annotations

from itertools import accumulate, count
from operator import add
from typing import TYPE_CHECKING

from kabicheck.symver.grammar import MARK, PARAMETER, REFERENCE_STARTS
from kabicheck.symver.not_proven import NotProven

if TYPE_CHECKING:
    from kabicheck.dwarf.info import DebugInfo


class CheckedStrings(dict[int, str]):
    """Strings of a section by offset, as names: see `checked_name`.

    All are cut out at once where none needs a look; a string that begins inside of another, as linkers share them,
    is cut out when it is asked for.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data
        self._text = text = data.decode("latin-1")
        self._clean = not any(character in text for character in ("#", MARK, PARAMETER))
        if self._clean:
            names = text.split("\0")
            ends = accumulate(map(len, names), initial=0)
            self.update(zip(map(add, ends, count()), names, strict=False))  # with the NULs before them
            self.popitem()  # behind the last NUL
            if text.startswith("\0") or "\0\0" in text:
                for at in [at for at, name in self.items() if not name]:
                    del self[at]

    def __missing__(self, offset: int) -> str:
        name = self._text[offset : self._text.index("\0", offset)]
        self[offset] = checked_name(name) if not self._clean or not name else name
        return name


def checked_name(text: str) -> str:
    """A name that cannot be mistaken for something else in a type string. Raises NotProven for others.

    __calculate_version takes every piece that starts like `s#` for a reference, and empty names lose their space.
    """
    if not text.isidentifier() and (
        not text or MARK in text or PARAMETER in text or text.startswith(REFERENCE_STARTS)
    ):
        raise NotProven("a name that looks like a reference")
    return text


def may_mention(info: DebugInfo, name: str) -> bool:
    """Whether any name in the debug information may contain this one."""
    sought = name.encode("latin-1")
    return info.strings.mention(sought) or info.line_strings.mention(sought) or sought in info.data
