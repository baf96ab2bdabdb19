"""Whether a structure may grow: not where others hold it by value, since a rule hides its size from nobody but the
version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Member, Typedef, Variable, parse
from kabicheck.compare.usage import How, named_type, uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kabicheck.compare.declaration import Item, Type


def who_minds(reference: str, types: Mapping[str, str]) -> str:
    """Who indexes a type or passes it by value, in words; "" for nobody. types: of one object.

    What holds it is not asked: that grows with it, and is looked at for itself.
    """
    minding = (use.words for use in uses(reference, types, parts=False) if use.how in _MINDING)
    return next(minding, "")


_MINDING = frozenset({How.INDEXED, How.PASSED})


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
