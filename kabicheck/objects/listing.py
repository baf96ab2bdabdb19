"""Which objects a commit builds, asked of kbuild itself.

Made by name, an object is compiled even where the configuration or the makefile leaves it out. What is built is what
the makefile of its folder lists, in variables that scripts/Makefile.build fills in whatever its goal is. A rule of
ours, which make reads before every makefile ($(MAKEFILES)), writes them down.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from kabicheck.cache import write_atomically

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

# An ending that the top Makefile passes down to the folder, as it does for objects.
_NAME = ".kabicheck.o"
_RULE = f"%/{_NAME}:\n\t@:$(file >$@,$(real-obj-y) $(real-obj-m) $(lib-y))\n"


class Listing:
    """The lists of the folders that some objects are in.

    `goals` are what is to be made for it in the build folder, with $(MAKEFILES) naming the file `rules`, into which the
    rule is written.
    """

    def __init__(self, build: Path, rules: Path, objects: Collection[str]) -> None:
        self._build = build
        self.rules = rules
        self.goals = sorted({_list_for(name) for name in objects})
        write_atomically(rules, _RULE.encode())
        for goal in self.goals:
            (build / goal).unlink(missing_ok=True)

    def holds(self, name: str) -> bool:
        """Whether the build lists an object, by make's name for it. A folder that it does not enter lists none."""
        return name in (self._build / _list_for(name)).read_text(errors="surrogateescape").split()


def _list_for(name: str) -> str:
    return posixpath.join(posixpath.dirname(name), _NAME)
