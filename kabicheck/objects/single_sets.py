"""Sets of one object each: cut out of a whole build's set, and joined to one set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.model import ObjectSet
from kabicheck.objects.build_options import is_under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kabicheck.model import BuiltObject

# Objects in this folder hold no export entries of their own: rust/exports.o has those of all of them.
RUST = "rust/"


class WholeNames:
    """How whole builds call objects and their modules, which an object's flags alone do not always say."""

    def __init__(self) -> None:
        self._goals: dict[str, str] = {}  # object path → make's name for it, where that is another
        self._modules: dict[str, str] = {}  # object path → module

    def learn(self, whole: ObjectSet) -> ObjectSet:
        """Remember what a whole build says, and hand it back."""
        self._goals |= {built.path: built.goal for built in whole.objects if built.goal}
        self._modules |= {built.path: built.module for built in whole.objects}
        return whole

    def goal(self, path: str) -> str:
        """make's name for an object."""
        return self._goals.get(path, path)

    def corrected(self, built: BuiltObject) -> BuiltObject:
        """The object with its module's name as a whole build has it.

        Before Linux 5.4, compiler flags spell modules with underscores in place of dashes.
        """
        module = self._modules.get(built.path, built.module)
        same = module.replace("-", "_") == built.module.replace("-", "_")
        return replace(built, module=module) if same else built


def part_of(whole: ObjectSet, path: str, goals: Sequence[str]) -> ObjectSet | None:
    """What the whole build of these goals says of one object; None where that was no part of it."""
    if not any(is_under(path, goal) for goal in goals):
        return None
    is_bare = path in whole.without_exports
    if is_bare and path not in whole.made_from and not path.startswith(RUST):
        return None  # by itself, it is made together with what is known of its files
    objects = tuple(built for built in whole.objects if built.path == path)
    return replace(
        whole,
        objects=objects,
        config="",
        built=0,
        absent=() if objects or is_bare else (path,),
        without_exports=(path,) if is_bare else (),
    )


def joined(parts: Sequence[ObjectSet], source: str, names: WholeNames) -> ObjectSet:
    """Sets of one object each as one set, whose source is the worktree `source`."""
    return ObjectSet(
        objects=tuple(
            replace(
                names.corrected(built),
                source=built.source or part.source if part.source != source else "",
            )
            for part in parts
            for built in part.objects
        ),
        genksyms=any(part.genksyms for part in parts),
        exports_trimmed=any(part.exports_trimmed for part in parts),
        built=sum(part.built for part in parts),
        source=source if parts else "",
        absent=tuple(path for part in parts for path in part.absent),
        without_exports=tuple(path for part in parts for path in part.without_exports),
        made_from={path: files for part in parts for path, files in part.made_from.items()},
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )
