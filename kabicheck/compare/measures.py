"""Sizes and natural alignments of the types of one side, as DWARF tells them.

The natural alignment of a structure is that of its strictest member, of a base type its own size. On machines where
that is not so it is wrong on both sides alike.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Base,
    Enumeration,
    Member,
    Pointer,
    Qualified,
    Reference,
    Typedef,
    Variable,
    parse,
)
from kabicheck.compare.once import once_per_side
from kabicheck.compare.sizes import size_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Declaration, Item, Type

_DEEPEST = 50
# No type of the kernel's ABIs is aligned to more by itself.
_LARGEST_NATURAL = 16
_ANY = 1 << 62


@dataclass(frozen=True, slots=True)
class Measures:
    """Sizes and alignments of the types of one side. `measures_of` gives all who ask about one side the same object.

    types: type reference → type string.
    parsed: type reference → declaration, of those that were asked for; None for what cannot be read.
    sizes: type reference → size in bytes, of those that were asked for; None where that cannot be told.
    alignments: the same of alignments.
    """

    types: Mapping[str, str]
    parsed: dict[str, Declaration | None] = field(default_factory=dict)
    sizes: dict[str, int | None] = field(default_factory=dict)
    alignments: dict[str, int | None] = field(default_factory=dict)

    def declaration(self, name: str) -> Declaration | None:
        if name not in self.parsed:
            self.parsed[name] = parse(self.types.get(name, ""))
        return self.parsed[name]

    def size(self, kind: Type) -> int | None:
        """Bytes; a flexible array has none."""
        match kind:
            case Array(dimensions) if None in dimensions:
                return 0
            case Reference(name):
                if name not in self.sizes:
                    self.sizes[name] = size_of(kind, self.types)
                return self.sizes[name]
        return size_of(kind, self.types)

    def alignment(self, kind: Declaration | None, depth: int = 0) -> int | None:
        """Natural, or as an attribute says; in bytes, None where that cannot be told."""
        if depth > _DEEPEST:
            return None
        match kind:
            case Base() | Pointer() | Enumeration():
                size = kind.byte_size or self.size(kind)
                return min(lowest_bit(size), _LARGEST_NATURAL) if size else None
            case Array(_, inner) | Qualified(_, inner):
                return self.alignment(inner, depth + 1)
            case Typedef(_, target, explicit):
                return explicit or self.alignment(target, depth + 1)
            case Aggregate(byte_size=size, alignment=explicit):
                if size is None:
                    return None
                natural = self.strictest(kind.items, depth + 1)
                if explicit or natural is None:
                    return explicit
                return min(natural, lowest_bit(size)) if size else natural
            case Reference(name):
                if name not in self.alignments:
                    self.alignments[name] = self.alignment(self.declaration(name), depth + 1)
                return self.alignments[name]
        return None

    def strictest(self, items: Sequence[Item], depth: int = 0) -> int | None:
        """The largest alignment of some members."""
        found = [self.alignment(member.type, depth) for member in members_of(items)]
        known = [alignment for alignment in found if alignment]
        return max(known, default=1) if len(known) == len(found) else None

    def contained(self, kind: Type) -> str:
        """The named type that a member holds by value, typedefs looked through; "" for none."""
        for _ in range(_DEEPEST):
            match kind:
                case Array(_, inner) | Qualified(_, inner) | Typedef(_, inner):
                    kind = inner
                case Reference(name) if name.startswith("t#"):
                    found = self.declaration(name)
                    if found is None or isinstance(found, Variable):
                        return ""
                    kind = found
                case Reference(name):
                    return name
                case _:
                    return ""
        return ""


measures_of = once_per_side(Measures)


def members_of(items: Sequence[Item]) -> Iterator[Member]:
    """Those of variants too, which share their place."""
    for item in items:
        if isinstance(item, Member):
            yield item
        else:
            yield from members_of(item.items)


def lowest_bit(number: int) -> int:
    """The greatest power of two that divides a number."""
    return number & -number if number else _ANY
