"""How much a report says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is said of a cause.

    verbose: Whether no line of its diff is folded.
    paths: Whether it is said how the nearest export reaches it.
    """

    verbose: bool = False
    paths: bool = False


BRIEF = Detail()
