"""Whether a structure may grow, or get members: not where modules may have one of their own, since a rule hides that
from nobody but the version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Function,
    Member,
    Pointer,
    Qualified,
    Reference,
    Typedef,
    Variable,
    parse,
)
from kabicheck.compare.usage import named_type, uses
from kabicheck.formats.symtypes import is_reference

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kabicheck.compare.declaration import Item, Type

_MOST_TYPEDEFS = 50


def who_minds(reference: str, *sides: Mapping[str, str]) -> str:
    """Who has a type by value, in words; "" for nobody. sides: type strings of an object.

    Whoever embeds it, indexes it, passes it, or finds it exported has the old size and the old members compiled in.
    """
    return next((use.words for types in sides for use in uses(reference, types)), "")


def is_handed_out(reference: str, types: Mapping[str, str]) -> bool:
    """Whether an export returns a pointer to a type: then it is the kernel that makes it, as far as can be seen."""
    results = (parse(text) for name, text in types.items() if not is_reference(name))
    return any(
        isinstance(found, Function) and reference in _pointed_to(found.result, types) for found in results
    )


def _pointed_to(kind: Type, types: Mapping[str, str]) -> set[str]:
    """The named types that a pointer leads to, typedefs looked through."""
    found: set[str] = set()
    pointed = False
    for _ in range(_MOST_TYPEDEFS):
        match kind:
            case Pointer(inner) if not pointed:
                kind, pointed = inner, True
            case Qualified(_, inner) | Typedef(_, inner):
                kind = inner
            case Reference(name):
                if pointed:
                    found.add(name)
                definition = parse(types.get(name, "")) if name.startswith("t#") else None
                if not isinstance(definition, Typedef):
                    break
                kind = definition.target
            case _:
                break
    return found


def held(text: str, types: Mapping[str, str]) -> Iterator[str]:
    """The named types that a type holds by value, also those behind typedefs."""
    declaration = parse(text)
    if isinstance(declaration, Typedef | Variable):
        declaration = declaration.target if isinstance(declaration, Typedef) else declaration.type
    waiting = (
        [named_type(kind) for kind in _members(declaration)] if isinstance(declaration, Aggregate) else []
    )
    while waiting:
        name = waiting.pop()
        if not name:
            continue
        yield name
        inner = parse(types.get(name, "")) if name.startswith("t#") else None
        if isinstance(inner, Typedef):
            waiting.append(named_type(inner.target))


def _members(aggregate: Aggregate) -> Iterator[Type]:
    """The types of all members, those of variants too."""
    waiting: list[Item] = list(aggregate.items)
    while waiting:
        item = waiting.pop(0)
        if isinstance(item, Member):
            yield item.type
            if isinstance(item.type, Aggregate):
                waiting = [*item.type.items, *waiting]
        else:
            waiting = [*item.items, *waiting]
