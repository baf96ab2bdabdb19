"""What is asked of the driver, as plain frozen data: made of options and `kabicheck.toml`, or by another program."""

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


@dataclass(frozen=True, slots=True)
class AttributionOptions:
    """How far it is looked for who changed what.

    method: "off", "blame" (suspects from the source alone), or "verify" (builds of commits in between).
    most_builds: How many commits may be looked at to verify, None for as many as it takes.
    folded: Whether the diffs of causes leave out most of what did not change.
    """

    method: str = "verify"
    most_builds: int | None = None
    folded: bool = True
