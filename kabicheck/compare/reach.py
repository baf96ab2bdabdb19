"""Which of a set of types each export reaches through type references.

One pass over strongly connected components (Tarjan's algorithm, iterative since chains of references are
long): the types that a component reaches are a Python integer with one bit per type, so that joining two
components is one `|`, whatever the number of types and exports.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from kabicheck.formats.symtypes import references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


def reached(exports: Iterable[str], types: Mapping[str, str], bits: Mapping[str, int]) -> dict[str, int]:
    """Export → the bits of all names that it reaches, its own included.

    bits: name → its bit, for the names that are asked for. A reference without a type string reaches itself.
    """
    masks: dict[str, int] = {}
    for export in exports:
        if export not in masks:
            _visit(export, types, bits, masks)
    return masks


def by_distance(start: str, types: Mapping[str, str]) -> list[str]:
    """All names that one reaches, itself included, those first that the fewest references lead to."""
    found = dict.fromkeys([start])
    waiting = deque(found)
    while waiting:
        fresh = [name for name in _successors(waiting.popleft(), types) if name not in found]
        found.update(dict.fromkeys(fresh))
        waiting.extend(fresh)
    return list(found)


def shortest_path(starts: Iterable[str], target: str, types: Mapping[str, str]) -> tuple[str, ...]:
    """The names from the nearest of some exports to a type, both included; empty where none reaches it."""
    predecessor: dict[str, str] = dict.fromkeys(starts, "")
    waiting = deque(predecessor)
    while waiting and target not in predecessor:
        name = waiting.popleft()
        for successor in _successors(name, types):
            if successor not in predecessor:
                predecessor[successor] = name
                waiting.append(successor)
    path = [target] if target in predecessor else []
    while path and predecessor[path[-1]]:
        path.append(predecessor[path[-1]])
    return tuple(reversed(path))


def _visit(root: str, types: Mapping[str, str], bits: Mapping[str, int], masks: dict[str, int]) -> None:
    """Add the masks of everything that `root` reaches and that has none yet."""
    order: dict[str, int] = {root: 0}
    low = {root: 0}
    component = [root]
    gathered = {root: bits.get(root, 0)}
    path: list[tuple[str, Iterator[str]]] = [(root, _successors(root, types))]
    while path:
        name, successors = path[-1]
        for successor in successors:
            if successor in masks:
                gathered[name] |= masks[successor]
            elif successor in order:
                low[name] = min(low[name], order[successor])
            else:
                order[successor] = low[successor] = len(order)
                gathered[successor] = bits.get(successor, 0)
                component.append(successor)
                path.append((successor, _successors(successor, types)))
                break
        else:
            path.pop()
            if path:
                parent = path[-1][0]
                low[parent] = min(low[parent], low[name])
                gathered[parent] |= gathered[name]
            if low[name] == order[name]:
                while name not in masks:
                    masks[component.pop()] = gathered[name]


def _successors(name: str, types: Mapping[str, str]) -> Iterator[str]:
    return iter(dict.fromkeys(references(types.get(name, ""))))
