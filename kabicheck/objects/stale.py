"""What a file that comes or goes may change without make's notice: it can hide another of its name on the include path.

A header that was not there stands in no list, so that an object that would include it now is left as it is. One that
is gone is listed, but kbuild asks only which files are newer ($?, which in GNU Make 4.3 has none that is missing).
And a link that leads elsewhere is as old as what it leads to. Nor is what sources only ask for in any list
(`asked_files.py`). And what an earlier commit's build made stands before a source of the same name, since make looks
into the build folder first (VPATH; the kernel's own cure is scripts/remove-stale-files).
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.cache import remove, write_atomically
from kabicheck.objects.asked_files import asked_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# In the build folder: the tree that it was last built from.
_STATE = ".kabicheck-tree"
# Makefiles of folders. What those at the top, of an architecture and of include/ make, they make by rules that notice.
_MAKEFILE = re.compile(r"(?!arch/[^/]+/[^/]+$|(?:include|scripts|tools)/).+/(?:Makefile[^/]*|Kbuild)")
_GENERATED = (".c", ".h", ".S", ".inc")


def expire_hidden(
    build: Path, source: Path, tree: str, differing: Callable[[str, str], Mapping[str, bool]]
) -> None:
    """Remove what was made from files of the names of those that came or went since the build folder was last used.

    `tree` is what `source` holds now; `differing` tells of two trees the paths that differ → whether both have them.
    """
    state = build / _STATE
    last = state.read_text() if state.is_file() else tree  # written before anything is made
    differs = differing(last, tree).items()
    names = {
        posixpath.basename(path) for path, in_both in differs if not in_both or (source / path).is_symlink()
    }
    for path, in_both in differs:
        if not in_both and os.path.lexists(source / path):
            _remove_made(build, path)
    for folder in sorted({posixpath.dirname(path) for path, _ in differs if _MAKEFILE.fullmatch(path)}):
        _remove_generated(Path(os.path.realpath(build), folder))
    if names:
        _expire(build, names)
    write_atomically(state, tree.encode())


def _remove_generated(folder: Path) -> None:
    """Remove the sources that were made in a folder and below: another makefile may make others of the same files.

    Of a rule that keeps no command (`$(call cmd,…)`) nothing tells make so. All go, since one rule can make several.
    """
    if os.path.realpath(folder) != str(folder):  # behind a link, such as `source`, is what no build made
        return
    for where, _, files in os.walk(folder):
        for name in files:
            if name.endswith(_GENERATED):
                Path(where, name).unlink()


def _remove_made(build: Path, path: str) -> None:
    """Remove what an earlier build made, or the folder that it built in, where this commit has a source."""
    made = Path(os.path.realpath(build), path)
    # Behind a link, such as `source`, is what no build made.
    if os.path.lexists(made) and os.path.realpath(made.parent) == str(made.parent):
        remove(made)


def _expire(build: Path, names: set[str]) -> None:
    # The slash in front makes the search quick: a whole kernel's lists have 150 MB.
    asking = Asking(build, names)
    read = re.compile(rb"/(?:%s)(?:[/\s]|$)" % b"|".join(re.escape(os.fsencode(name)) for name in names))
    for folder, _, files in os.walk(build):
        for file in files:
            # Kbuild's own lists, and the compiler's, which it leaves behind for assembly with C prototypes.
            made = re.fullmatch(r"\.(.+)\.cmd|\.(.+\.o)\.d", file)
            if not made:
                continue
            content = Path(folder, file).read_bytes()
            if read.search(content) or asking.is_listed(content):
                Path(folder, made[1] or made[2]).unlink(missing_ok=True)


class Asking:
    """Which sources ask for files of some names, each read once. build: what relative paths start at."""

    def __init__(self, build: Path, names: set[str]) -> None:
        self._build = build
        self._names = names
        self._silent: set[bytes] = set()
        self._asking: set[bytes] = set()

    def is_listed(self, content: bytes) -> bool:
        """Whether one of them is in a list of what an object is made from, as `.cmd` and `.d` files hold it."""
        listed = set((content.partition(b"\ndeps_")[2] or content).split())
        for path in listed - self._silent - self._asking:
            names, all_known = asked_for(os.fsdecode(os.path.join(os.fsencode(self._build), path)))  # noqa: PTH118
            asks = not all_known or any(posixpath.basename(name) in self._names for name in names)
            (self._asking if asks else self._silent).add(path)
        return not listed.isdisjoint(self._asking)
