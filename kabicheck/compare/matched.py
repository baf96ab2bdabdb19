"""What came and went between two mappings by name, and what only has another name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

from kabicheck.compare.fields import is_nameless, is_reserved

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from kabicheck.compare.fields import Field, Fields

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Matched(Generic[_T]):
    """Two mappings by name, compared.

    added: name → value of what only the new one has.
    removed: name → value of what only the old one has.
    renamed: old and new name of what only changed its name.
    """

    added: dict[str, _T]
    removed: dict[str, _T]
    renamed: list[tuple[str, str]] = field(default_factory=list)


def match(
    old: Mapping[str, _T],
    new: Mapping[str, _T],
    key: Callable[[_T], Hashable],
    new_key: Callable[[_T], Hashable] | None = None,
) -> Matched[_T]:
    """key: equal for what may be the same under two names; new_key: that of the new side, where it is another."""
    removed = {name: value for name, value in old.items() if name not in new}
    added = {name: value for name, value in new.items() if name not in old}
    by_key: dict[Hashable, list[str]] = {}
    for name, value in added.items():
        by_key.setdefault((new_key or key)(value), []).append(name)
    renamed = []
    for name, value in list(removed.items()):
        if candidates := by_key.get(key(value)):
            renamed.append((name, candidates.pop(0)))
            del removed[name], added[renamed[-1][1]]
    return Matched(added, removed, renamed)


def match_fields(
    old: Fields, new: Fields, key: Callable[[Field], Hashable], new_key: Callable[[Field], Hashable]
) -> Matched[Field]:
    """The same of members; reserved space and members are not matched with each other."""
    others, reserved = (
        match(_unpaired(old, new, reserved=kind), _unpaired(new, old, reserved=kind), key, new_key)
        for kind in (False, True)
    )
    added, removed = {**others.added, **reserved.added}, {**others.removed, **reserved.removed}
    renamed = []
    for old_path, new_path in others.renamed:
        if _named(new_path) != _named(old_path) and _was_another(_named(new_path), old, new, new_path):
            removed[old_path], added[new_path] = old[old_path], new[new_path]
        else:
            renamed.append((old_path, new_path))
    return Matched(added, removed, renamed + reserved.renamed)


def _was_another(name: str, old: Fields, new: Fields, new_path: str) -> bool:
    """Whether a name was that of another member, which went: `a` and `b` that become `g.b` and `g.a` are exchanged."""
    return any(
        _named(path) == name and path not in new and found.position != new[new_path].position
        for path, found in old.items()
    )


def _named(path: str) -> str:
    return path.rpartition(".")[2]


def _unpaired(fields: Fields, others: Fields, *, reserved: bool) -> Fields:
    """The fields of one side, reserved or not, but those whose name makes them the same kind of field on both sides."""
    return {
        path: found
        for path, found in fields.items()
        if (path not in others or is_nameless(path)) and is_reserved(path, found) == reserved
    }
