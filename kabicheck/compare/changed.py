"""What of a declaration differs, by name: where in its source to look for who did it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Function
from kabicheck.compare.pair import Pair

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping


def changed_names(old_text: str, new_text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The members, parameters and enumerators of both sides that the other side has not, or not like that.

    old_text, new_text: type strings. Members of unnamed structures are named as in `Pair.fields` (`u.a`). What only
    moved because something else came or went is left out; where nothing else differs, what moved is what changed.
    Nothing where one side is no definition.
    """
    pair = Pair(old_text, new_text)
    old, new = (_parts(pair, side) for side in (0, 1))
    kinds = [{name: kind for name, (kind, _) in side.items()} for side in (old, new)]
    if kinds[0] != kinds[1]:
        return _differing(*kinds), _differing(*reversed(kinds))
    return _differing(old, new), _differing(new, old)


def _parts(pair: Pair, side: int) -> Mapping[str, tuple[Hashable, Hashable]]:
    """Name → what it is, and where."""
    declaration = (pair.old, pair.new)[side]
    if isinstance(declaration, Function):
        return {
            parameter.name: (parameter.type, place)
            for place, parameter in enumerate(declaration.parameters)
            if parameter.name
        }
    fields = pair.fields[side].items()
    found: dict[str, tuple[Hashable, Hashable]] = {
        path: ((field.type, field.bit_size), field.position) for path, field in fields
    }
    return found | {name: (value, None) for name, value in pair.enumerators[side].items()}


def _differing(here: Mapping[str, object], there: Mapping[str, object]) -> frozenset[str]:
    """Keys that the other mapping has not, or with another value."""
    return frozenset(name for name in here if name not in there or here[name] != there[name])
