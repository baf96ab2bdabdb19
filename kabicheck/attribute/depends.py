"""Whether a step of history can have changed an object: the proof by which commits are left out.

Building an object reads the files that its `.cmd` file lists (`Observation.depends`), and what make, kbuild and
Kconfig read. A step that touches none of these leaves the object as it was. Where it is not known what reads a file,
the step counts: a commit that is looked at for nothing costs a build, one that is left out wrongly costs the truth.
"""

from __future__ import annotations

import posixpath
import re
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kabicheck.attribute.question import Observation
    from kabicheck.model import Step, Touch


class Reach(Enum):
    """What a file can reach, apart from the objects that list it."""

    NOTHING = "nothing"
    LISTED = "the objects that list it"
    FOLDER = "the objects around it"
    EVERYTHING = "every object"


# No build reads these. Documentation/Kconfig is one of Kconfig's files and is asked about before.
_PROSE_FOLDERS = ("Documentation/", "LICENSES/")
# Of tools/, the kernel's build compiles objtool and resolve_btfids with what they share, never these.
_TOOLS_APART = ("tools/testing/", "tools/perf/")
_PROSE = re.compile(
    r"MAINTAINERS|CREDITS|COPYING|README(\..*)?|\.mailmap|\.gitignore|\.gitattributes|\.clang-format|\.editorconfig"
    r"|\.cocciconfig|\.get_maintainer\.ignore|\.rustfmt\.toml|kabicheck\.toml|\..*\.ya?ml|.*\.rst|.*\.md"
    r"|.*\.dtsi?|.*\.dtso"  # device trees become objects of their own, without exports
)
# What compilers read, and say that they read.
_SOURCE = re.compile(r".*\.(c|h|S|rs)")
_MAKEFILES = ("Makefile", "Kbuild")
# Makefiles that flags and rules for all come from, and the lists of headers that are made (asm-generic).
_COMMON_FOLDERS = ("arch/", "include/", "scripts/", "tools/")
# A makefile speaks of the objects of its folder and below, and some include their neighbours': in drivers/gpu, flags
# of amd/amdgpu come from amd/display/Makefile. None reaches out of its first two folders, but for arch/.
_REGION = 2


def reach(path: str) -> Reach:
    """What a change of a file can reach. path: Its path relative to the tree."""
    name = posixpath.basename(path)
    if path.startswith(_TOOLS_APART):
        return Reach.NOTHING
    if name.startswith("Kconfig"):
        return Reach.EVERYTHING
    is_source = _SOURCE.fullmatch(name) is not None  # README.h is
    if path.startswith(_PROSE_FOLDERS) or (_PROSE.fullmatch(name) and not is_source):
        return Reach.NOTHING
    if path.startswith(("scripts/", "tools/")):
        return Reach.EVERYTHING
    if name in _MAKEFILES:
        return Reach.EVERYTHING if "/" not in path or path.startswith(_COMMON_FOLDERS) else Reach.FOLDER
    # Makefile.kvm and the like are included from anywhere; who reads tables, scripts, configurations, nobody lists.
    return Reach.LISTED if is_source else Reach.EVERYTHING


def farthest(step: Step) -> Reach:
    """How far the file of a step goes that goes farthest."""
    order = list(Reach)
    found = {reach(path) for touch in step.touched for path in _paths(touch)}
    return max(found, key=order.index, default=Reach.NOTHING)


# What steps touch and objects listen to: paths as they are, and patterns that cannot be mistaken for one.
ANYTHING = "*"  # a step that touches anything that a build may read
EVERYTHING = "/"  # a step that may change every object


def reached(step: Step) -> frozenset[str]:
    """What a step touches, as `inputs` spells it. There is nothing where it touches only what no build reads."""
    found: set[str] = set()
    for path, moved in {(path, touch.status != "M") for touch in step.touched for path in _paths(touch)}:
        far = reach(path)
        if far is Reach.EVERYTHING:
            found.add(EVERYTHING)
        elif far is Reach.FOLDER:
            found.add(_region(posixpath.dirname(path).split("/")))
        if far is not Reach.NOTHING:
            found.add(ANYTHING)
        found.add(path)
        if moved:
            # Makefiles ask whether a file is there ($(wildcard …)), and so do sources (__has_include).
            found |= {_named(path), _stem(path), _region(posixpath.dirname(path).split("/"))}
    return frozenset(found)


def inputs(path: str, observation: Observation) -> frozenset[str]:
    """What an object, as one commit builds it, listens to: paths, and patterns that stand for several."""
    if not observation.complete:
        return frozenset({ANYTHING})
    # A file that appears can hide another of its name on the include path, or no longer does.
    return frozenset({*_own_inputs(path), *observation.depends, *map(_named, observation.depends)})


def _own_inputs(path: str) -> set[str]:
    """What an object listens to, whatever files it is made from."""
    folders = posixpath.dirname(path).split("/")
    return {
        EVERYTHING,
        # The source of an object that was not there, or another one for it (x.S where x.c was).
        _stem(path),
        *(_region(folders[:end]) for end in range(1, _REGION + 1)),
    }


def touches(step: Step, path: str, observation: Observation) -> bool:
    """Whether a step can have changed the object `path`, which was observed just before it or just after it."""
    touched = reached(step)
    if observation.complete and not any(each.startswith(_named("")) for each in touched):
        # No file appeared or went away: what the names of an object's files might hide needs no look.
        return not (touched.isdisjoint(observation.depends) and touched.isdisjoint(_own_inputs(path)))
    return not touched.isdisjoint(inputs(path, observation))


def _paths(touch: Touch) -> tuple[str, ...]:
    return (touch.path, touch.old_path) if touch.old_path else (touch.path,)


def _stem(path: str) -> str:
    """What an object and its source share."""
    return f"{posixpath.splitext(path)[0]}.*"


@lru_cache(maxsize=1 << 16)
def _named(path: str) -> str:
    return f"*/{posixpath.basename(path)}"


def _region(folders: list[str]) -> str:
    """The folder of whose objects a makefile may speak."""
    return "/".join(folders[:_REGION]) + "/"
