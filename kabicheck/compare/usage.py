"""How a type is used, as far as the type strings of its object show: who else than the kernel may have made one.

    struct outer { struct inner i; };         embeds it: whoever makes an outer makes an inner
    void f(struct inner);                     takes it by value: caller and function copy it
    extern struct inner list[4];              is one, and is indexed by its size

Not to be seen: who allocates what is only ever pointed to, and who copies it by an assignment. A type of which nothing
is found here is reached through pointers alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Function,
    Member,
    Pointer,
    Qualified,
    Reference,
    Typedef,
    Variable,
    Variant,
    parse,
)
from kabicheck.compare.once import once_per_side
from kabicheck.compare.render import spell_reference
from kabicheck.formats.symtypes import is_reference, references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kabicheck.compare.declaration import Declaration, Item, Type

_MOST_TYPEDEFS = 50


class How(StrEnum):
    """What a type is used for, in the words behind its user's name."""

    PASSED = "passes {} by value"
    EXPORTED = "is exported, and is or holds {}"
    EMBEDDED = "has {} as a member"
    INDEXED = "is an array of {}, or has one"
    ALIAS = "stands for {}"


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a type.

    how: what the type is used for.
    user: the type reference or export that uses it.
    part: the type that is used so, and holds the one that was asked about; "" where it is that one itself, or a
        typedef of it.
    """

    how: How
    user: str
    part: str = ""

    @property
    def words(self) -> str:
        """`struct outer has it as a member`, `f passes struct outer, which holds it, by value`."""
        what = f"{spell_reference(self.part)}, which holds it," if self.part else "it"
        return f"{_spelled(self.user)} {self.how.format(what)}".removesuffix(",")


def uses(reference: str, types: Mapping[str, str], *, parts: bool = True) -> Iterator[Use]:
    """All uses of a type reference, the nearest first, typedefs looked through. parts: those of what holds it, too.

    types: an object's type strings. They are looked through once for each mapping, and each type string is read when
    the search comes to it, so that who needs one use only pays for no more.
    """
    return _users_of(types).of(reference, parts=parts)


def points_to_function(kind: Type, types: Mapping[str, str]) -> bool:
    """Whether a type is a pointer to a function, or an array of them, typedefs looked through."""
    pointed = False
    for _ in range(_MOST_TYPEDEFS):
        match kind:
            case Function():
                return pointed
            case Pointer(target) if not pointed:
                kind, pointed = target, True
            case Array(_, inner) | Qualified(_, inner) | Typedef(_, inner):
                kind = inner
            case Reference(name) if isinstance(found := parse(types.get(name, "")), Typedef):
                kind = found.target
            case _:
                return False
    return False


def is_table(members: Iterable[Type], types: Mapping[str, str]) -> bool:
    """Whether a structure with these members holds mainly pointers to functions, so that modules fill it in.

    Mainly is every third: `struct notifier_block` has one beside a pointer and a number.
    """
    calls = [points_to_function(kind, types) for kind in members]
    return any(calls) and 3 * sum(calls) >= len(calls)


class _Users:
    """Who mentions a type, and how."""

    def __init__(self, types: Mapping[str, str]) -> None:
        self.types = types
        self._mentions: dict[str, list[str]] = {}  # a type reference → the types and exports that mention it
        self._hows: dict[str, dict[str, list[How]]] = {}  # one of these → what it mentions by value → how
        for name, text in types.items():
            for reference in set(references(text)):
                self._mentions.setdefault(reference, []).append(name)

    def of(self, reference: str, *, parts: bool) -> Iterator[Use]:
        """See `uses`."""
        seen = {reference}
        waiting = deque([(reference, "")])
        while waiting:
            held, part = waiting.popleft()
            for user in self._mentions.get(held, ()):
                for how in self._hows_of(user).get(held, ()):
                    if how is not How.ALIAS:
                        yield Use(how, user, part)
                    further = how is How.ALIAS or (parts and how is How.EMBEDDED)
                    if further and user not in seen:
                        seen.add(user)
                        waiting.append((user, part if how is How.ALIAS else user))

    def _hows_of(self, user: str) -> Mapping[str, list[How]]:
        if user not in self._hows:
            found = self._hows[user] = {}
            for reference, how in _by_value(parse(self.types[user])):
                hows = found.setdefault(reference, [])
                if how not in hows:
                    hows.append(how)
        return self._hows[user]


_users_of = once_per_side(_Users)


def _by_value(declaration: Declaration | None) -> Iterator[tuple[str, How]]:
    """What a declaration mentions otherwise than behind a pointer."""
    waiting: list[tuple[Type, How | None]] = []
    match declaration:
        case None:
            return
        case Variable(kind):
            waiting.append((kind, How.EXPORTED))
        case Typedef(_, target):
            waiting.append((target, How.ALIAS))
        case _:
            waiting.append((declaration, None))
    while waiting:
        kind, how = waiting.pop()
        match kind:
            case Reference(reference):
                yield from [(reference, how)] if how else []
            case Array(_, element):
                name = named_type(element)
                yield from [(name, How.INDEXED)] if name else []
                waiting.append((element, how))
            case Qualified(_, inner) | Typedef(_, inner):
                waiting.append((inner, how))
            case Pointer(inner):
                waiting.append((inner, None))
            case Function(parameters, result):
                waiting += [
                    (each, How.PASSED) for each in (result, *(parameter.type for parameter in parameters))
                ]
            case Aggregate(items=items):
                inside = How.EXPORTED if how is How.EXPORTED else How.EMBEDDED
                waiting += [(each, inside) for each in _member_types(items)]


def _member_types(items: Iterable[Item]) -> Iterator[Type]:
    """The types of members, those of variants too."""
    for item in items:
        match item:
            case Member():
                yield item.type
            case Variant():
                yield from _member_types(item.items)


def named_type(kind: Type) -> str:
    """The named type that a type is or is an array of, "" for others."""
    while isinstance(kind, Qualified | Array):
        kind = kind.target if isinstance(kind, Qualified) else kind.element
    return kind.reference if isinstance(kind, Reference) else ""


def _spelled(name: str) -> str:
    return spell_reference(name) if is_reference(name) else name
