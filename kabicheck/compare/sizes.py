"""How large a type is, from the type strings of its object."""

from __future__ import annotations

import re
from itertools import islice
from math import prod
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Base,
    Enumeration,
    Pointer,
    Qualified,
    Reference,
    Typedef,
    Variable,
    parse,
)
from kabicheck.compare.once import once_per_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.compare.declaration import Type

# The end of a defined structure, union or enumeration.
_OWN_SIZE = re.compile(r"\} byte_size\(([0-9]{1,20})\)(?: alignment\([0-9]{1,20}\))?")
_LONGEST_CHAIN = 50
# LLVM gives pointers no size, but they have that of Rust's `usize`, and in each of Linux's ABIs that of C's `long`; one
# of these nearly any object mentions early.
_WORD = re.compile(
    r"base_type (?:usize|long|unsigned long|long int|long unsigned int) byte_size\(([0-9]{1,3})\)"
)
_LOOKED_THROUGH = 1000


def size_of(kind: Type, types: Mapping[str, str]) -> int | None:
    """Bytes, or None where no type string says: functions, declarations, `[]`, loops of typedefs."""
    factor = 1
    for _ in range(_LONGEST_CHAIN):
        match kind:
            case Array(dimensions, element) if None not in dimensions:
                factor *= prod(number for number in dimensions if number is not None)
                kind = element
            case Qualified(_, target) | Typedef(_, target):
                kind = target
            case Reference(reference) if reference.startswith("t#"):
                definition = parse(types.get(reference, ""))
                if definition is None or isinstance(definition, Variable):
                    return None
                kind = definition
            case _:
                size = _own_size(kind, types)
                return None if size is None else factor * size
    return None


def _own_size(kind: Type, types: Mapping[str, str]) -> int | None:
    match kind:
        case Pointer(_, None):
            return _pointer_size(types)
        case Base() | Pointer() | Enumeration() | Aggregate():
            return kind.byte_size
        case Reference(reference):
            text = types.get(reference, "")
            size = _OWN_SIZE.fullmatch(text, max(text.rfind("} byte_size("), 0))
            return int(size[1]) if size else None
        case _:
            return None


@once_per_side
def _pointer_size(types: Mapping[str, str]) -> int | None:
    found = (_WORD.search(text) for text in islice(types.values(), _LOOKED_THROUGH))
    return next((int(word[1]) for word in found if word), None)
