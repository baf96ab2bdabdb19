"""All objects of a tree, put together from a whole build and those that were built singly since.

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
class Pieced:
    """objects: all of them; whole: the key of the build that they come from, but for the single ones in `keys`."""

    objects: ObjectSet
    whole: str
    keys: Mapping[str, str] = field(default_factory=dict)

    def replaced(self, new: ObjectSet, keys: Mapping[str, str]) -> Pieced:
        """With other ones in place of some. keys: path of each → key of the set that has it alone; new: these."""
        old = self.objects
        kept = [built for built in old.objects if built.path not in keys]
        other = new.source if new.source != old.source else ""
        added = [replace(built, source=built.source or other) for built in new.objects]
        objects = replace(
            old,
            objects=tuple(sorted((*kept, *added), key=lambda built: built.path)),
            without_exports=tuple(sorted({*old.without_exports} - keys.keys() | {*new.without_exports})),
            built=new.built,
        )
        return Pieced(objects, self.whole, {**self.keys, **keys})


def keep_pieced(store: Store, key: str, pieced: Pieced) -> None:
    """Keep the recipe under a key."""
    recipe = {"whole": pieced.whole, "keys": dict(pieced.keys)}
    store.keep_recipe(key, json.dumps(recipe).encode())


def find_pieced(store: Store, key: str) -> Pieced | None:
    """What was kept under a key, all its pieces present; else None."""
    try:
        recipe = json.loads(store.recipe(key))
        whole, keys = str(recipe["whole"]), {str(name): str(each) for name, each in recipe["keys"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    start = store.find(whole)
    pieces = [store.find(each) for each in keys.values()]
    found = [piece for piece in pieces if piece is not None]
    if start is None or len(found) < len(keys):
        return None
    new = ObjectSet(
        objects=tuple(
            replace(built, source=built.source or piece.source) for piece in found for built in piece.objects
        ),
        without_exports=tuple(path for piece in found for path in piece.without_exports),
    )
    return Pieced(start, whole).replaced(new, keys)
