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

Where named types are conflated (two DIEs of one name) there is no answer. Unnamed structures are followed every
time, which finds more paths than the walk, never fewer. So "no" is safe; on "maybe" the exact walk decides.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kabicheck.symver.grammar import MARK
from kabicheck.symver.proof import PARAMETER, NotProven

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.version import Versions

_LIST = re.compile(f"{PARAMETER}([0-9]+)[.]([0-9]+){PARAMETER}")
_EVENT = re.compile(f"{MARK}([^{MARK}]*){MARK}|{PARAMETER}([0-9]+)[.]([0-9]+){PARAMETER}")

# What matters of a type string here, in order: references, and the marks of parameter lists as numbers:
# positive where the second parameter begins, negative where the list ends.
Event = bytes | int


def list_mark(offset: int, position: int) -> str:
    """The mark before the comma of a parameter in the list of the DIE at an offset; position 0 for its end."""
    return f"{PARAMETER}{offset}.{position}{PARAMETER}"


def without_lists(text: str) -> str:
    """A type string without the marks of parameter lists."""
    return _LIST.sub("", text)


def _lists_of(text: str) -> set[int]:
    return {int(offset) for offset, _ in _LIST.findall(text)}


class Lists:
    """The parameter lists in an object's type strings.

    types: type reference → its string with the lists' marks; roots: export → the same, in the order of the walk.
    Those without marks are left out of types. conflated: two DIEs have one name.
    """

    def __init__(self) -> None:
        self.types: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.conflated = False

    def drop(self, lost: Mapping[int, Collection[int]]) -> dict[str, str]:
        """The strings of named types and exports without the commas that were lost (list → positions); only those
        that change."""
        commas = [f"{list_mark(offset, position)} , " for offset, where in lost.items() for position in where]
        changed = {}
        for name, text in (*self.types.items(), *self.roots.items()):
            new = text
            for comma in commas:
                new = new.replace(comma, "")
            if new != text:
                changed[name] = without_lists(new)
        return changed

    def undecided(self) -> dict[int, set[bytes]]:
        """The lists that can be affected, with the named types that hold them."""
        holders: dict[int, set[bytes]] = {}
        for reference, text in self.types.items():
            for offset in _lists_of(text):
                holders.setdefault(offset, set()).add(reference.encode("latin-1"))
        rooted = set[int]().union(*map(_lists_of, self.roots.values()))
        return {
            offset: named
            for offset, named in holders.items()
            if len(named) > 1 or offset in rooted or next(iter(named)).startswith(b"t#")
        }


def may_depend_on_order(lists: Lists, strings: TypeStrings, versions: Versions) -> set[int]:
    """The parameter lists that the walk must decide about, as offsets of their DIEs; none where it drops no comma.

    Raises NotProven where that cannot be said.
    """
    undecided = lists.undecided()
    if lists.conflated and (lists.types or any(map(_lists_of, lists.roots.values()))):
        raise NotProven("parameter lists among types that share a name")
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
                    self._mark(event, mine, open_lists)
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

    def _mark(self, mark: int, mine: set[int], open_lists: set[int]) -> None:
        """A list's second parameter begins, or it ends. `mine` are those that this string has open."""
        offset = abs(mark)
        if mark < 0:
            if offset in mine:
                mine.discard(offset)
                open_lists.discard(offset)
                self._undecided.pop(offset, None)
        elif offset in open_lists:
            self.entered_again.add(offset)
        elif offset in self._undecided:
            mine.add(offset)
            open_lists.add(offset)

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
    events: list[Event] = []
    for reference, offset, position in _EVENT.findall(text):
        if not offset:
            events.append(reference.encode("latin-1"))
        elif position in "01":
            events.append(int(offset) if position == "1" else -int(offset))
    return events
