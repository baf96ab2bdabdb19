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
from kabicheck.symver.proof import PARAMETER, NotProven

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.version import Versions

_LIST = re.compile(f"{PARAMETER}([0-9]+){PARAMETER}")
_EVENT = re.compile(f"{MARK}([^{MARK}]*){MARK}|{PARAMETER}([0-9]+){PARAMETER}")


def without_lists(text: str) -> str:
    """A type string without the marks of parameter lists."""
    return _LIST.sub("", text)


# What matters of a type string here, in order: references, and the marks of parameter lists.
Event = bytes | int


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

    def holders_of_dropped(self) -> set[bytes]:
        """The named types whose strings lack a comma."""
        return {
            reference.encode("latin-1")
            for reference, text in self.types.items()
            if any(int(number) in self.dropped for number in _LIST.findall(text))
        }

    def all(self) -> set[int]:
        """Every list that any string holds."""
        return {int(n) for text in (*self.types.values(), *self.roots.values()) for n in _LIST.findall(text)}

    def undecided(self) -> dict[int, set[bytes]]:
        """The lists that can be affected, with the named types that hold them."""
        holders: dict[int, set[bytes]] = {}
        for reference, text in self.types.items():
            for number in set(_LIST.findall(text)):
                holders.setdefault(int(number), set()).add(reference.encode("latin-1"))
        rooted = {int(number) for text in self.roots.values() for number in _LIST.findall(text)}
        return {
            number: named
            for number, named in holders.items()
            if len(named) > 1 or number in rooted or next(iter(named)).startswith(b"t#")
        }


def may_depend_on_order(lists: Lists, strings: TypeStrings, versions: Versions) -> set[int]:
    """The parameter lists that the walk must decide about, as offsets of their DIEs; none where it drops no comma."""
    if lists.conflated:
        return lists.all()
    undecided = lists.undecided()
    walk = _Walk(lists, strings, undecided)
    for export, text in lists.roots.items():
        if not undecided:
            break
        reached = versions.reached(export)
        if any(not holders.isdisjoint(reached) for holders in undecided.values()):
            walk.follow(text)
    return walk.entered_again


class _Walk:
    """Follows references depth first. `undecided` shrinks as lists are walked to their end."""

    def __init__(self, lists: Lists, strings: TypeStrings, undecided: dict[int, set[bytes]]) -> None:
        self.entered_again: set[int] = set()
        self._types = lists.types
        self._strings = strings
        self._undecided = undecided
        self._events: dict[bytes, list[Event]] = {}
        self._entered_again: set[bytes] = set()

    def follow(self, root: str) -> None:
        """Walk one symbol; notes the lists that are entered while they are open behind their first parameter."""
        seen: set[bytes] = set()
        open_lists: set[int] = set()
        stack: list[tuple[Iterator[Event], set[int], bytes]] = [(iter(_split(root)), set(), b"")]
        while stack and self._undecided:
            events, mine, name = stack[-1]
            for event in events:
                if event in seen:
                    continue
                if isinstance(event, int):
                    self._toggle(event, mine, open_lists)
                    continue
                inner = self._of(event)
                if event in self._entered_again:
                    if name == event:
                        raise NotProven("a typedef of itself")  # which is entered again without end
                else:
                    seen.add(event)
                if inner:
                    stack.append((iter(inner), set(), event))
                    break
            else:
                stack.pop()
                if name:
                    seen.add(name)

    def _toggle(self, number: int, mine: set[int], open_lists: set[int]) -> None:
        """A list's mark: its second parameter begins, or it ends. `mine` are those that this string has open."""
        if number in mine:
            mine.discard(number)
            open_lists.discard(number)
            self._undecided.pop(number, None)
        elif number in open_lists:
            self.entered_again.add(number)
        elif number in self._undecided:
            mine.add(number)
            open_lists.add(number)

    def _of(self, reference: bytes) -> list[Event]:
        """What a named type's string mentions, in order."""
        events = self._events.get(reference)
        if events is None:
            text = self._types.get(reference.decode("latin-1"))
            if text is None:
                events = list(dict.fromkeys(name for _, name in self._strings.pairs(reference)[0]))
            else:
                events = _split(text)
            self._events[reference] = events
            # A typedef may be entered again while it is open. With a single reference that leads nowhere new.
            if len(events) > 1 and reference.startswith(b"t#"):
                self._entered_again.add(reference)
        return events


def _split(text: str) -> list[Event]:
    return [
        match[1].encode("latin-1") if match[2] is None else int(match[2]) for match in _EVENT.finditer(text)
    ]
