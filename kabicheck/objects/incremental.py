"""All objects of a tree, put together from a whole build and from objects that were built singly since.

Where files changed that few objects are made from, the others are what they were: a commit that follows another one
needs no whole build. What is kept of it is a recipe: the whole build's key, and those of the single objects in place of
the build's own. A recipe of which anything was pruned is worth nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kabicheck.model import ObjectSet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.objects.store import Store


@dataclass(frozen=True, slots=True)
class IncrementalBuild:
    """All objects of one tree, and where they come from.

    objects: All of them.
    whole: The key in the store of the whole build that they come from, but for those in `singles`.
    singles: Object path → the key in the store of the set that has this object alone.
    """

    objects: ObjectSet
    whole: str
    singles: Mapping[str, str] = field(default_factory=dict)

    def replaced(self, new: ObjectSet, keys: Mapping[str, str]) -> IncrementalBuild:
        """With other objects in place of some.

        `new` holds the other ones; `keys` gives, by path, the key of the set that has each alone.
        """
        old = self.objects
        kept = [built for built in old.objects if built.path not in keys]
        other_source = new.source if new.source != old.source else ""
        added = [replace(built, source=built.source or other_source) for built in new.objects]
        objects = replace(
            old,
            objects=tuple(sorted((*kept, *added), key=lambda built: built.path)),
            without_exports=tuple(sorted({*old.without_exports} - keys.keys() | {*new.without_exports})),
            built=new.built,
        )
        return IncrementalBuild(objects, self.whole, {**self.singles, **keys})


def keep_incremental(store: Store, key: str, build: IncrementalBuild) -> None:
    """Keep the recipe under a key."""
    recipe = {"whole": build.whole, "keys": dict(build.singles)}
    store.keep_recipe(key, json.dumps(recipe).encode())


def find_incremental(store: Store, key: str) -> IncrementalBuild | None:
    """What was kept under a key, with everything that it is put together from present; else None."""
    try:
        recipe = json.loads(store.recipe(key))
        whole, keys = str(recipe["whole"]), {str(name): str(each) for name, each in recipe["keys"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    start = store.find(whole)
    singles = [found for each in keys.values() if (found := store.find(each)) is not None]
    if start is None or len(singles) < len(keys):
        return None
    new = ObjectSet(
        objects=tuple(
            replace(built, source=built.source or single.source)
            for single in singles
            for built in single.objects
        ),
        without_exports=tuple(path for single in singles for path in single.without_exports),
    )
    return IncrementalBuild(start, whole).replaced(new, keys)
