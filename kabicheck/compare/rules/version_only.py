"""The version is another one, and no declaration that is known says why.

The loader refuses modules that were built before. Whether they would misbehave cannot be told: the input holds
versions and no types (Module.symvers), or the types that it holds are the same on both sides, as when another
tool, or other options of it, calculated the versions.

Before:

    0x1b2c3d4e      clk_park        vmlinux EXPORT_SYMBOL

After:

    0x5f607182      clk_park        vmlinux EXPORT_SYMBOL

Remedy: compare objects with debug information or symtypes files instead, which say what changed; and look
whether both sides were made by the same toolchain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange

# The key of the cause of versions that changed although no type string did.
UNEXPLAINED = "unexplained"


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.VERSION and not set(change.causes) - {UNEXPLAINED}:
        yield f"{change.old} → {change.new}"


RULE = Rule(check, Severity.BREAKING, one="version changed")
