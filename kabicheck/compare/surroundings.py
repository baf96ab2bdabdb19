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
    """The type strings of an object by type reference and export name, before and after.

    subject: the type reference or export whose declaration it is about, "" where that is not known. What is not in
    `old` or `new` is not known, and a rule that would need it takes the graver answer. cfi: whether a kernel of
    either side checks the prototypes of indirect calls (kCFI), None where that is not known.
    """

    subject: str = ""
    old: Mapping[str, str] = field(default_factory=dict)
    new: Mapping[str, str] = field(default_factory=dict)
    cfi: bool | None = None


UNKNOWN = Surroundings()
