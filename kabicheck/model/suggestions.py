"""kABI rules that keep versions as they were, as an emitter is given them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kabicheck.model.changes import Cause


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A rule as C, with the macros of the kernel's scripts/gendwarfksyms/examples/kabi.h.

    call: The call itself.
    place: Where it goes, as "in struct foo, for n"; "" for behind the type's definition.
    """

    call: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What keeps the versions that one cause changes, or why nothing does.

    cause: What changed.
    refused: Why no rule is safe; "" where rules are suggested.
    cautions: What has to hold beside, in sentences.
    calls: The rules as C; None where no macro says what one of them does.
    tables: The rules as [[kabi]] tables of kabicheck.toml.
    """

    cause: Cause
    refused: str = ""
    cautions: tuple[str, ...] = ()
    calls: tuple[MacroCall, ...] | None = None
    tables: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What keeps the versions that differ between two sides.

    each: One for each cause, in the causes' order.
    compared: How many exports were compared.
    changed: How many of them have another version.
    kept: How many of these keep the old one under the rules.
    rules: How many rules there are; one that several causes share counts once.
    tables: All rules as [[kabi]] tables of kabicheck.toml.
    """

    each: tuple[Suggestion, ...]
    compared: int
    changed: int
    kept: int
    rules: int
    tables: str
