"""`.config` of one commit after the other: each made from the seed, and only where it can come out differently.

Configuring takes longer than building a few objects. What it reads is listed nowhere: Kconfig files of any name, ready
configurations, the makefiles at the top and under arch/, scripts/ and all that Kconfig runs from there. So it is told
by what it does not read.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from kabicheck.cache import write_atomically
from kabicheck.errors import BuildError
from kabicheck.objects.kernel_config import forced, merged, read_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kabicheck.objects.kernel_config import Seed
    from kabicheck.objects.make import Make
    from kabicheck.progress import Progress

# Sources, prose, and makefiles of folders, which are read when something is built there. Programs of configuration
# targets are compiled from scripts/; arch/ makefiles are part of the one at the top.
_UNREAD = re.compile(
    r"(?!scripts/|tools/).*\.(?:c|h|S|rs)|(?!arch/|scripts/|tools/).+/(?:Makefile|Kbuild)"
    r"|Documentation/.*\.rst|MAINTAINERS"
)


class Configuration:
    """Makes `.config` in a build folder.

    `differing` tells of two trees, by their ids, the paths of the files that differ → whether both trees have them.
    """

    def __init__(self, seed: Seed, differing: Callable[[str, str], Mapping[str, bool]]) -> None:
        self._seed = seed
        self._differing = differing
        self._last: tuple[str, bytes] | None = None  # tree, its `.config`

    def of(self, make: Make, tree: str, log: Path, what: str, progress: Progress) -> str:
        """The `.config` of a tree, which stands in the build folder then. `what` is the commit, for people.

        Raises BuildError, UsageError.
        """
        if not self._stands(make.build / ".config", tree):
            progress(f"configuring {what}")
            self._last = (tree, self._made(make, log, what))
        assert self._last
        return self._last[1].decode(errors="surrogateescape")

    def _stands(self, config: Path, tree: str) -> bool:
        """Whether `.config` is what making it would leave.

        Known only of trees that this object configured, so that compiler and host are still the same.
        """
        if not self._last or not config.is_file() or config.read_bytes() != self._last[1]:
            return False  # nothing was made yet, or somebody else was here
        differing = self._differing(self._last[0], tree)
        # Kconfig can ask whether there is a file, whatever its kind.
        return all(in_both and _UNREAD.fullmatch(path) for path, in_both in differing.items())

    def _made(self, make: Make, log: Path, what: str) -> bytes:
        """Make `.config` from the seed, whatever stood there; its time changes only when its text does."""
        config = make.build / ".config"
        former = (config.read_bytes(), config.stat().st_mtime_ns) if config.is_file() else None
        if self._seed.file:
            start = read_config(self._seed.file).decode(errors="surrogateescape")
        else:
            config.unlink(missing_ok=True)
            target = self._seed.target
            make.run(target, log=log, doing=f"make {target} of commit {what}")
            if not config.is_file():  # as listnewconfig, which only prints
                raise BuildError(
                    f"make {target} of commit {what} wrote no .config", hint="--config defconfig", log=log
                )
            start = config.read_text(errors="surrogateescape")
        fragments = [read_config(path).decode(errors="surrogateescape") for path in self._seed.fragments]
        write_atomically(config, forced(merged(start, fragments)).encode(errors="surrogateescape"))
        make.run("olddefconfig", log=log, doing=f"make olddefconfig of commit {what}")
        made = config.read_bytes()
        if former and former[0] == made:
            os.utime(config, ns=(former[1], former[1]))
        return made
