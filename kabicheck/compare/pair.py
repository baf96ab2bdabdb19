"""Two versions of one declaration, and what the facts of `classify` look at in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Enumeration,
    Function,
    Member,
    Pointer,
    Qualified,
    Typedef,
    Variable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kabicheck.compare.declaration import Declaration, Item, Type

Members = dict[str, Member]
_T = TypeVar("_T")


class Pair:
    """The old and the new declaration; typedefs of something defined right there count as that."""

    def __init__(self, old: Declaration, new: Declaration) -> None:
        inner, new_inner = _definition(old), _definition(new)
        self.old, self.new = (inner, new_inner) if inner and new_inner else (old, new)

    @cached_property
    def members(self) -> tuple[Members, Members]:
        """Path → member of each side, offsets from the outermost: `u.a` for `a` of `union { … } u`."""
        return _members(self.old), _members(self.new)

    @cached_property
    def common_members(self) -> list[tuple[Member, Member]]:
        """The members that both sides have under the same path."""
        old, new = self.members
        return [(member, new[path]) for path, member in old.items() if path in new]

    @cached_property
    def member_counts(self) -> tuple[int, int, int]:
        """How many members were added, removed, and only renamed: same type and place, another name."""
        old, new = self.members
        added = Counter(nameless(new[path]) for path in new.keys() - old.keys())
        removed = Counter(nameless(old[path]) for path in old.keys() - new.keys())
        return _counts(added, removed)

    @cached_property
    def enumerators(self) -> tuple[Mapping[str, int | None], Mapping[str, int | None]]:
        """Name → value of each side."""
        return _enumerators(self.old), _enumerators(self.new)

    @cached_property
    def enumerator_counts(self) -> tuple[int, int, int]:
        """How many enumerators were added, removed, and only renamed: same value, another name."""
        old, new = self.enumerators
        added = Counter(new[name] for name in new.keys() - old.keys())
        removed = Counter(old[name] for name in old.keys() - new.keys())
        return _counts(added, removed)

    @cached_property
    def sizes(self) -> tuple[int | None, int | None]:
        """Bytes of each side, None for what has no size of its own or is a declaration."""
        return _size(self.old), _size(self.new)

    @cached_property
    def same_but_names(self) -> bool:
        """Nothing differs but names of members, parameters or enumerators."""
        return _without_names(self.old) == _without_names(self.new)


def nameless_type(kind: Type) -> Type:
    """A type without the names of the parameters in it, which have no influence on the layout."""
    match kind:
        case Pointer(target) | Qualified(_, target) | Typedef(_, target):
            return replace(kind, target=nameless_type(target))
        case Array(_, element):
            return replace(kind, element=nameless_type(element))
        case Function(parameters, result):
            return Function(
                tuple(replace(p, name="", type=nameless_type(p.type)) for p in parameters),
                nameless_type(result),
            )
        case _:
            return kind


def nameless(member: Member) -> Member:
    """A member without its name."""
    return replace(member, name="", type=nameless_type(member.type))


def _counts(added: Counter[_T], removed: Counter[_T]) -> tuple[int, int, int]:
    renamed = (added & removed).total()
    return added.total() - renamed, removed.total() - renamed, renamed


def _definition(declaration: Declaration) -> Aggregate | Enumeration | None:
    inner = declaration.target if isinstance(declaration, Typedef) else declaration
    return inner if isinstance(inner, Aggregate | Enumeration) else None


def _size(declaration: Declaration) -> int | None:
    return declaration.byte_size if isinstance(declaration, Aggregate | Enumeration) else None


def _members(declaration: Declaration) -> Members:
    if not isinstance(declaration, Aggregate):
        return {}
    members: Members = {}
    repeated: Counter[str] = Counter()
    for path, member in _flat(declaration.items, "", 0):
        # Padding bit-fields have no name.
        repeated[path] += 1
        members[path if repeated[path] == 1 else f"{path}#{repeated[path]}"] = member
    return members


def _flat(items: Iterable[Item], prefix: str, start: int) -> Iterator[tuple[str, Member]]:
    for item in items:
        if not isinstance(item, Member):
            yield from _flat(item.items, f"{prefix}{item.keyword} {item.discriminant}.", start)
            continue
        place = start + (item.offset or 0)
        if isinstance(item.type, Aggregate) and item.type.byte_size is not None:
            yield from _flat(item.type.items, f"{prefix}{item.name}." if item.name else prefix, place)
        else:
            yield prefix + item.name, replace(item, offset=place)


def _enumerators(declaration: Declaration) -> Mapping[str, int | None]:
    return {e.name: e.value for e in declaration.enumerators} if isinstance(declaration, Enumeration) else {}


def _without_names(declaration: Declaration) -> object:
    match declaration:
        case Aggregate():
            flat = [nameless(member) for _, member in _flat(declaration.items, "", 0)]
            return replace(declaration, items=()), flat
        case Enumeration():
            return replace(declaration, enumerators=()), [e.value for e in declaration.enumerators]
        case Variable(kind):
            return Variable(nameless_type(kind))
        case _:
            return nameless_type(declaration)
