"""What a file that comes or goes may change without make's notice: it can hide another of its name on the include path.

A header that was not there stands in no list, so that an object that would include it now is left as it is. One that
is gone is listed, but kbuild asks only which files are newer ($?, which in GNU Make 4.3 has none that is missing).
And a link that leads elsewhere is as old as what it leads to.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.cache import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# In the build folder: the tree that it was last built from.
_STATE = ".kabicheck-tree"


def expire_hidden(
    build: Path, source: Path, tree: str, differing: Callable[[str, str], Mapping[str, bool]]
) -> None:
    """Remove what was made from files of the names of those that came or went since the build folder was last used.

    tree: what `source` holds now; differing: of two trees, the paths that differ → whether both have them.
    """
    state = build / _STATE
    last = state.read_text() if state.is_file() else tree  # written before anything is made
    differs = differing(last, tree).items()
    names = {
        posixpath.basename(path) for path, in_both in differs if not in_both or (source / path).is_symlink()
    }
    if names:
        _expire(build, names)
    write_atomically(state, tree.encode())


def _expire(build: Path, names: set[str]) -> None:
    # The slash in front makes the search quick: a whole kernel's lists have 150 MB.
    read = re.compile(rb"/(?:%s)(?:[/\s]|$)" % b"|".join(re.escape(os.fsencode(name)) for name in names))
    for folder, _, files in os.walk(build):
        for file in files:
            # Kbuild's own lists, and the compiler's, which it leaves behind for assembly with C prototypes.
            made = re.fullmatch(r"\.(.+)\.cmd|\.(.+\.o)\.d", file)
            if made and read.search(Path(folder, file).read_bytes()):
                Path(folder, made[1] or made[2]).unlink(missing_ok=True)
