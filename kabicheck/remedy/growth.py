"""Whether a structure may grow: not where others hold it by value, since a rule hides its size from nobody but the
version.
"""

from __future__ import annotations

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
    parse,
)
from kabicheck.compare.render import spell_reference
from kabicheck.formats.symtypes import is_reference, references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kabicheck.compare.declaration import Declaration, Item, Type


def who_minds(reference: str, types: Mapping[str, str]) -> str:
    """Who indexes a type or passes it by value, in words; "" for nobody. types: of one object."""
    aliases = _aliases(reference, types)
    for name, text in types.items():
        if aliases.isdisjoint(references(text)):
            continue
        for how, kind in _uses(parse(text)):
            if _value(kind) in aliases:
                return f"{spell_reference(name) if is_reference(name) else name} {how}"
    return ""


def held(text: str, types: Mapping[str, str]) -> Iterator[str]:
    """The named types that a type holds by value, also those behind typedefs."""
    declaration = parse(text)
    if isinstance(declaration, Typedef | Variable):
        declaration = declaration.target if isinstance(declaration, Typedef) else declaration.type
    waiting = [_value(kind) for kind in _members(declaration)] if isinstance(declaration, Aggregate) else []
    while waiting:
        name = waiting.pop()
        if not name:
            continue
        yield name
        inner = parse(types.get(name, "")) if name.startswith("t#") else None
        if isinstance(inner, Typedef):
            waiting.append(_value(inner.target))


def _aliases(reference: str, types: Mapping[str, str]) -> set[str]:
    """A type and the typedefs that stand for it."""
    aliases, fresh = {reference}, {reference}
    while fresh:
        fresh = {
            name
            for name, text in types.items()
            if name not in aliases and name.startswith("t#") and not fresh.isdisjoint(references(text))
            if isinstance(inner := parse(text), Typedef) and _value(inner.target) in aliases
        }
        aliases |= fresh
    return aliases


def _uses(declaration: Declaration | None) -> Iterator[tuple[str, Type]]:
    """The elements of arrays, and what functions take and return."""
    waiting: list[Declaration] = [declaration] if declaration is not None else []
    while waiting:
        match waiting.pop():
            case Array(_, element):
                yield "is an array of it, or has one", element
                waiting.append(element)
            case Function(parameters, result):
                passed = [*(p.type for p in parameters), result]
                yield from (("passes it by value", kind) for kind in passed)
                waiting += passed
            case Pointer(inner) | Qualified(_, inner) | Typedef(_, inner) | Variable(inner):
                waiting.append(inner)
            case Aggregate() as aggregate:
                waiting += _members(aggregate)


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


def _value(kind: Type) -> str:
    """The named type that is meant by value, "" for others."""
    while isinstance(kind, Qualified | Array):
        kind = kind.target if isinstance(kind, Qualified) else kind.element
    return kind.reference if isinstance(kind, Reference) else ""
