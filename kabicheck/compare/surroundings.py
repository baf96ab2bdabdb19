"""What stands around a declaration: the other type strings of its object, on both sides.

A declaration's own two strings say what differs in it; how bad that is can depend on what it refers to and on how it
is used: what a typedef stands for, whether a structure is passed by value, or embedded in another one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """The type strings of an object on both sides, and what else is known of it.

    What is not in `old` or `new` is not known, and a rule that would need it takes the graver answer.

    subject: the type reference or export whose declaration is compared; "" where that is not known.
    old: type reference or export → its type string on the old side.
    new: the same of the new side.
    cfi: whether a kernel of either side checks the prototypes of indirect calls (kCFI); None where that is not known.
    """

    subject: str = ""
    old: Mapping[str, str] = field(default_factory=dict)
    new: Mapping[str, str] = field(default_factory=dict)
    cfi: bool | None = None


UNKNOWN = Surroundings()
