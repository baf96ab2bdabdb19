"""An export is in another module than before, or went from a module into the kernel or back.

The symbol and its version can be the same; but who needs it now needs another module. Dependency lists that
were calculated before (modules.dep, an initramfs, the packages of a distribution) do not name it, and loading
fails until they are made anew. What goes from vmlinux into a module is not there early in the boot.

Before:

    0x1b2c3d4e      clk_park        vmlinux EXPORT_SYMBOL

After:

    0x1b2c3d4e      clk_park        drivers/clk/clk-core    EXPORT_SYMBOL

Remedy: keep the code where it was, or make the old module depend on the new one; then run depmod and build the
initramfs anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules.rule import Rule
from kabicheck.model import ChangeKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.model import ExportChange


def check(change: ExportChange) -> Iterator[str]:
    if change.kind is ChangeKind.MODULE:
        yield f"{change.old or 'not known'} → {change.new or 'not known'}"


RULE = Rule(check, Severity.INCOMPATIBLE, one="module changed")
