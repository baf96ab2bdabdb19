"""What is found out once about all type strings of one side of an object, and asked again for each of its causes."""

from __future__ import annotations

from collections import deque
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_T = TypeVar("_T")

# Both sides of the object that is compared, and of the one before.
_SIDES = 4


def once_per_side(find: Callable[[Mapping[str, str]], _T]) -> Callable[[Mapping[str, str]], _T]:
    """A function of type strings that is called once for each mapping, as long as its object is being compared.

    Mappings are told apart by identity, and must not change once they were looked at.
    """
    kept: deque[tuple[Mapping[str, str], _T]] = deque(maxlen=_SIDES)

    @wraps(find)
    def found(types: Mapping[str, str]) -> _T:
        for known, value in kept:
            if known is types:
                return value
        kept.append((types, find(types)))
        return kept[-1][1]

    return found
