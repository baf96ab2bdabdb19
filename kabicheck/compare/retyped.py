"""Which parts of a declaration have types, and how alike their old and new types are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kabicheck.compare.spelling import Likeness, Role

if TYPE_CHECKING:
    from kabicheck.compare.declaration import Type

_ENCODED = re.compile(r"base_type (.{1,200}?) byte_size\(([0-9]{1,20})\) encoding\(([0-9]{1,20})\)")


class Part(Enum):
    """What of a declaration has a type, and which way its values go."""

    PARAMETER = "parameter", Role.PARAMETER
    RESULT = "result", Role.RESULT
    VARIABLE = "variable", Role.KEPT
    TYPEDEF = "typedef", Role.KEPT
    MEMBER = "member", Role.KEPT

    @property
    def role(self) -> Role:
        """Which way its values go."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Retyped:
    """A part of a declaration whose type is spelled otherwise on the new side.

    part: what of the declaration it is.
    place: "parameter 2", "result", or a member's path; "" where the declaration has but one type.
    old: its type on the old side.
    new: its type on the new side.
    likeness: how alike both are; never SAME.
    """

    part: Part
    place: str
    old: Type
    new: Type
    likeness: Likeness


def encodings(text: str) -> dict[tuple[str, str], set[str]]:
    """Name and size of the base types in a type string → their encodings."""
    found: dict[tuple[str, str], set[str]] = {}
    for name, size, encoding in _ENCODED.findall(text):
        found.setdefault((name, size), set()).add(encoding)
    return found
