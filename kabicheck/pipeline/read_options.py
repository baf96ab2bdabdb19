"""How object files are read. A file of its own, which imports nothing: `kabicheck symver` runs for each object."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kabicheck.formats.kabi_rules import KabiRule


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How object files are read.

    stable: Whether kABI rules and `__kabi_*` members in the objects are obeyed.
    kabi: Rules from outside the source, which apply to the new side alone. They imply `stable`.
    """

    stable: bool = False
    kabi: tuple[KabiRule, ...] = ()

    def __post_init__(self) -> None:
        if self.kabi:
            object.__setattr__(self, "stable", True)

    @property
    def old(self) -> ReadOptions:
        """How the old side is read: without the rules from outside the source."""
        return ReadOptions(self.stable)


PLAIN = ReadOptions()
