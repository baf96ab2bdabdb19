"""Whether versions of an object may depend on the order in which gendwarfksyms walks it.

gendwarfksyms caches every DIE of a parameter list with the comma before it, and decides about that comma by
`state->first_list_item`, which any list that is walked in between changes (process_list_comma,
process_die_container). A parameter loses its comma when its list S is entered again from inside the second or a
later parameter: the inner walk takes the first parameters from the cache, where no comma clears the flag, and then
walks the open parameter, which is not cached yet, as if it came first. What the inner walk caches is what counts.

That can only happen while S is walked for the first time, since afterwards S itself comes from the cache. Members,
enumerators and variants are safe: structures, unions and enumerations are walked once for each exported symbol and
cannot be entered again while they are open. So the question is: while S is open behind its first parameter for the
first time, is S reached again by a path that does not pass through a structure, union or enumeration that was
already seen for this symbol?

This file answers it on the graph of named types, in the order of the walk, and only for lists that can be affected:

- S is known by the named types and symbols whose strings contain it (its holders). With a single holder that is a
  structure, union or enumeration, S is entered through it alone, and the holder has been seen by then. So there
  must be a named holder, and another one, or a symbol, or the holder is a typedef (typedefs are entered again).
- A symbol that reaches no holder of an undecided S decides nothing and is passed over.

Where named types are conflated (two DIEs of one name) the answer is "maybe". Unnamed structures are followed every
time, which finds more paths than the walk, never fewer. So "no" is safe; on "maybe" the exact walk decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.symver.grammar import MARK
from kabicheck.symver.proof import PARAMETER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.version import Versions

_LIST = re.compile(f"{PARAMETER}([0-9]+){PARAMETER}")
_EVENT = re.compile(f"{MARK}([^{MARK}]*){MARK}|{PARAMETER}([0-9]+){PARAMETER}")


def without_lists(text: str) -> str:
    """A type string without the marks of parameter lists."""
    return _LIST.sub("", text)


class Lists:
    """The parameter lists in an object's type strings.

    types: type reference → its string with the lists' marks; roots: export → the same, in the order of the walk.
    Those without marks are left out of types. dropped: offset of a list → positions that lost their comma.
    """

    def __init__(self, dropped: dict[int, frozenset[int]] | None = None) -> None:
        self.dropped = dropped or {}
        self.types: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.conflated = False

    def holders_of_dropped(self) -> set[str]:
        """The named types whose strings lack a comma."""
        return {
            reference
            for reference, text in self.types.items()
            if any(int(number) in self.dropped for number in _LIST.findall(text))
        }

    def undecided(self) -> dict[str, set[str]]:
        """The lists that can be affected, with the named types that hold them."""
        holders: dict[str, set[str]] = {}
        for reference, text in self.types.items():
            for number in set(_LIST.findall(text)):
                holders.setdefault(number, set()).add(reference)
        rooted = {number for text in self.roots.values() for number in _LIST.findall(text)}
        return {
            number: named
            for number, named in holders.items()
            if len(named) > 1 or number in rooted or next(iter(named)).startswith("t#")
        }


def may_depend_on_order(lists: Lists, strings: TypeStrings, versions: Versions) -> set[int]:
    """The parameter lists that the walk must decide about, as offsets of their DIEs; none where it drops no comma."""
    undecided = lists.undecided()
    everything = {int(number) for number in undecided}
    if not undecided or lists.conflated:
        return everything
    walk = _Walk(lists, strings, undecided)
    for export, text in lists.roots.items():
        if not undecided:
            break
        reached = versions.reached(export)
        if any(not holders.isdisjoint(reached) for holders in undecided.values()) and walk.enters_again(text):
            return everything
    return set()


class _Walk:
    """Follows references depth first. `undecided` shrinks as lists are walked to their end."""

    def __init__(self, lists: Lists, strings: TypeStrings, undecided: dict[str, set[str]]) -> None:
        self._types = lists.types
        self._strings = strings
        self._undecided = undecided
        self._events: dict[str, list[tuple[str, str]]] = {}

    def enters_again(self, root: str) -> bool:
        """Whether a list is entered while it is open behind its first parameter, for one symbol."""
        seen: set[str] = set()
        open_lists: dict[str, int] = {}
        stack: list[tuple[Iterator[tuple[str, str]], set[str], str]] = [(iter(self._split(root)), set(), "")]
        while stack:
            events, mine, name = stack[-1]
            for reference, number in events:
                if number:
                    if self._toggle(number, mine, open_lists):
                        return True
                elif reference not in seen:
                    if reference.startswith("t#"):
                        # A typedef may be entered again while it is open, but not without end.
                        if any(name == reference for _, _, name in stack[-2:]):
                            return True
                    else:
                        seen.add(reference)
                    stack.append((iter(self._of(reference)), set(), reference))
                    break
            else:
                stack.pop()
                if name:
                    seen.add(name)
        return False

    def _toggle(self, number: str, mine: set[str], open_lists: dict[str, int]) -> bool:
        """A list's mark: its second parameter begins, or it ends. `mine` are those that this string has open."""
        if number not in self._undecided:
            return False
        if number in mine:
            mine.discard(number)
            open_lists[number] -= 1
            del self._undecided[number]
            return False
        if open_lists.get(number):
            return True
        mine.add(number)
        open_lists[number] = 1
        return False

    def _of(self, reference: str) -> list[tuple[str, str]]:
        events = self._events.get(reference)
        if events is None:
            text = self._types.get(reference)
            if text is None:
                events = [(name, "") for _, name in self._strings.pairs(reference)[0]]
            else:
                events = self._split(text)
            self._events[reference] = events
        return events

    @staticmethod
    def _split(text: str) -> list[tuple[str, str]]:
        return [(match[1] or "", match[2] or "") for match in _EVENT.finditer(text)]
