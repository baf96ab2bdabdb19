"""Names as generated code takes them from string sections: checked that a type string cannot misread them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kabicheck.symver.grammar import MARK, REFERENCE_STARTS
from kabicheck.symver.proof import PARAMETER, NotProven

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# Up to so many bytes are searched for wanted names; beyond, reading every name is cheaper.
SEARCH_LIMIT = 30_000_000


class CheckedStrings(dict[int, str]):
    """Strings of a section by offset, as names: see `checked_name`."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data = data
        self._clean = not any(character in data for character in (b"#", MARK.encode(), PARAMETER.encode()))

    def __missing__(self, offset: int) -> str:
        raw = self.data[offset : self.data.index(0, offset)]
        text = self[offset] = raw.decode("latin-1") if self._clean and raw else checked_name(raw)
        return text


def checked_name(raw: bytes) -> str:
    """A name that cannot be mistaken for something else in a type string. Raises NotProven for others.

    __calculate_version takes every piece that starts like `s#` for a reference, and empty names lose their space.
    """
    text = raw.decode("latin-1")
    if not text.isidentifier() and (
        not text or MARK in text or PARAMETER in text or text.startswith(REFERENCE_STARTS)
    ):
        raise NotProven("a name that looks like a reference")
    return text


class SharedStrings(CheckedStrings):
    """The strings of a linked file, which all its units share. found: where the names of all its exports are."""

    def __init__(self, data: bytes, names: Collection[str] = ()) -> None:
        super().__init__(data)
        self.found = _endings(data, names) if names else {}


def _endings(data: bytes, names: Collection[str]) -> dict[int, str]:
    """Where strings of a section end with one of many names, since linkers store a string that ends another one
    inside it: offset → name. Backwards the endings are beginnings, and those that share one lie together."""
    turned = data[::-1].split(b"\0")
    ends, at = [], len(data)
    for string in turned:
        ends.append(at)
        at -= len(string) + 1
    order = sorted(range(len(turned)), key=turned.__getitem__)
    turned = [turned[index] for index in order]
    found = {}
    for name in names:
        raw = name.encode("latin-1")[::-1]
        index = bisect_left(turned, raw)
        while index < len(turned) and turned[index].startswith(raw):
            found[ends[order[index]] - len(raw)] = name
            index += 1
    return found


class AnyName(Mapping[int, str]):
    """All strings of a section, each read when it is asked for."""

    def __init__(self, strings: CheckedStrings) -> None:
        self._strings = strings

    def __getitem__(self, offset: int) -> str:
        return self._strings[offset]

    def __contains__(self, offset: object) -> bool:
        return True

    def __iter__(self) -> Iterator[int]:
        return iter(self._strings)

    def __len__(self) -> int:
        return len(self._strings)


def names_among(strings: CheckedStrings, wanted: Collection[str]) -> Mapping[int, str]:
    """The strings of a section that are wanted names, by offset; others may be there too."""
    if isinstance(strings, SharedStrings):
        return strings.found
    data = strings.data
    if len(wanted) * len(data) > SEARCH_LIMIT:
        return AnyName(strings)
    found: dict[int, str] = {}
    for name in wanted:
        raw = name.encode("latin-1") + b"\0"
        at = data.find(raw)
        while at >= 0:
            found[at] = name
            at = data.find(raw, at + 1)
    return found
