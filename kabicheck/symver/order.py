"""Where gendwarfksyms drops the comma between two parameters, so that versions depend on the order of its walk.

gendwarfksyms caches every DIE of a parameter list with the comma before it, and decides about that comma by
`state->first_list_item`, which any list that is walked in between changes (process_list_comma,
process_die_container). Let S be the list of a function type that is entered again from inside its k-th parameter,
k > 1, while that is walked. The inner walk of S takes the parameters before k from the cache. All that they contain
was seen for this symbol a moment ago: structures are left out now, the rest comes from the cache, no list is walked
and the flag stays set. So the k-th parameter, which is open and not cached yet, is walked as if it came first, and
its comma is lost; what this inner walk caches is what counts. Parameters behind k get theirs.

This can only happen while S is walked for the first time: afterwards S itself comes from the cache. Members,
enumerators and variants are safe: structures, unions and enumerations are walked once for each exported symbol and
cannot be entered again while they are open. So the question is: while S is open behind its first parameter for the
first time, is S reached again by a path that does not pass through a structure, union or enumeration that was
already seen for this symbol?

This file answers it by following references between types in the order of the walk, without their text, and only
for lists that can be affected:

- S is known by the named types and symbols whose strings contain it (its holders). With a single holder that is a
  structure, union or enumeration, S is entered through it alone, and the holder has been seen by then. So there
  must be a named holder, and another one, or a symbol, or the holder is a typedef (typedefs are entered again).
- A symbol that reaches no holder of an undecided S decides nothing and is passed over.

In ordinary type strings unnamed structures are written out, and so followed every time: more paths are found than
the walk has, never fewer. Where that finds something, the strings are built once more with references to unnamed
types too, and the answer is exact. Where two DIEs share a name there is no answer.
"""

from __future__ import annotations

from itertools import filterfalse
from typing import TYPE_CHECKING

from kabicheck.symver.grammar import PARAMETER
from kabicheck.symver.not_proven import NotProven
from kabicheck.symver.parts import split

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from kabicheck.symver.types import TypeStrings
    from kabicheck.symver.version import Versions

TYPEDEF = ord("t")  # the first byte of a reference to one

# What matters of a type string here, in order: references, and marks of parameter lists as (offset, position).
Event = bytes | tuple[int, int]

# A type string cut at its marks: text at even places, what a mark says ("OFFSET.POSITION") at odd ones.
Cut = list[str]


def cut(text: str) -> Cut:
    """A type string cut at the marks of parameter lists."""
    return text.split(PARAMETER)


def without_lists(text: str) -> str:
    """A type string without the marks of parameter lists."""
    return "".join(cut(text)[0::2])


class Lists:
    """The parameter lists in an object's type strings.

    types: type reference → its string, cut at the lists' marks; without those that have no marks.
    roots: export → the same, in the order of the walk.
    conflated: whether two DIEs have one name.
    """

    def __init__(self) -> None:
        self.types: dict[str, Cut] = {}
        self.roots: dict[str, Cut] = {}
        self.conflated = False
        self._marks: dict[str, tuple[int, int]] = {}
        self._ends: dict[str, int] = {}  # marks of ends → list

    def mark(self, offset: int, position: int) -> str:
        """The mark before the comma of a parameter in the list of the DIE at an offset; position 0 for its end."""
        mark = f"{offset}.{position}"
        self._marks[mark] = offset, position
        if not position:
            self._ends[mark] = offset
        return f"{PARAMETER}{mark}{PARAMETER}"

    def events(self, pieces: Cut) -> list[Event]:
        """What matters of a string that was cut."""
        events: list[Event] = []
        marks = self._marks
        for place, piece in enumerate(pieces):
            if place % 2:
                events.append(marks[piece])
            else:
                events += split(piece).mentions
        return events

    def of(self, pieces: Cut) -> set[int]:
        """The lists in a string that was cut."""
        ends = self._ends
        return {ends[mark] for mark in ends.keys() & pieces[1::2]}

    def drop(self, lost: Mapping[int, Collection[int]]) -> dict[str, str]:
        """The strings of named types and exports without the commas that were lost (list → positions); only those
        that change."""
        commas = [f"{self.mark(offset, position)} , " for offset, where in lost.items() for position in where]
        changed = {}
        for name, pieces in (*self.types.items(), *self.roots.items()):
            text = PARAMETER.join(pieces)
            new = text
            for comma in commas:
                new = new.replace(comma, "")
            if new != text:
                changed[name] = without_lists(new)
        return changed

    def undecided(self) -> dict[int, set[bytes]]:
        """The lists that can be affected, with the named types that hold them."""
        holders: dict[int, set[bytes]] = {}
        for reference, pieces in self.types.items():
            holder = reference.encode("latin-1")
            for offset in self.of(pieces):
                holders.setdefault(offset, set()).add(holder)
        rooted = set[int]().union(*map(self.of, self.roots.values()))
        return {
            offset: named
            for offset, named in holders.items()
            if len(named) > 1 or offset in rooted or next(iter(named)).startswith(b"t#")
        }


def lost_commas(
    lists: Lists, strings: TypeStrings, versions: Versions, among: Collection[int] | None = None
) -> dict[int, set[int]]:
    """The positions in parameter lists before which the walk drops a comma, by offset of the list's DIE.

    Exact for strings in which unnamed types have references of their own; otherwise there may be too many, never
    too few. among: the lists to decide about. Raises NotProven where nothing can be said.
    """
    undecided = lists.undecided()
    if among is not None:
        undecided = {offset: holders for offset, holders in undecided.items() if offset in among}
    if lists.conflated and (lists.types or any(map(lists.of, lists.roots.values()))):
        raise NotProven("parameter lists among types that share a name")
    held: dict[bytes, set[int]] = {}
    for offset, holders in undecided.items():
        for holder in holders:
            held.setdefault(holder, set()).add(offset)
    walk = _Walk(lists, strings, undecided)
    for export, pieces in lists.roots.items():
        if not undecided:
            break
        met = set[int]().union(*[held[holder] for holder in held.keys() & versions.reached(export)])
        if not met.isdisjoint(undecided):
            walk.follow(pieces, met | lists.of(pieces))
    return walk.lost


class _Walk:
    """Follows references depth first. `undecided` shrinks as lists are walked to their end.

    A typedef may be entered again while it is open, but none without end: quick.py refuses those that lead to
    themselves with no structure, union or enumeration between.
    """

    def __init__(self, lists: Lists, strings: TypeStrings, undecided: dict[int, set[bytes]]) -> None:
        self.lost: dict[int, set[int]] = {}
        self._undecided = undecided
        self._lists = lists
        self._parts = strings.parts
        self._cut = _Events(lists, frozenset[bytes]().union(*undecided.values()))

    def follow(self, root: Cut, met: set[int]) -> None:
        """Walk one symbol, until the undecided lists that it meets are decided; notes those that are entered while
        they are open behind their first parameter."""
        seen: set[bytes] = set()
        # list → for each walk of it that is open, the innermost last, the parameter that it is at
        open_lists: dict[int, list[int]] = {}
        load, cut, is_seen = self._parts, self._cut, seen.__contains__
        stack: list[tuple[Iterator[Event], set[int], bytes]] = []
        unseen: Iterator[Event] = filterfalse(is_seen, self._lists.events(root))
        mine, name = set[int](), b""
        while True:
            for event in unseen:  # when it is its turn
                if isinstance(event, tuple):
                    self._mark(*event, mine, open_lists)
                    if met.isdisjoint(self._undecided):
                        return
                    continue
                inner = cut[event] if event in cut.names else load[event].mentions
                if event[0] != TYPEDEF or not _may_be_entered_again(inner):
                    seen.add(event)
                if seen.issuperset(inner):
                    seen.add(event)
                    continue
                stack.append((unseen, mine, name))
                unseen, mine, name = filterfalse(is_seen, inner), set(), event
                break
            else:
                if not stack:
                    return
                seen.add(name)
                unseen, mine, name = stack.pop()

    def _mark(self, offset: int, position: int, mine: set[int], open_lists: dict[int, list[int]]) -> None:
        """A list's second or later parameter begins, or it ends (0). `mine` are those that this string has open."""
        if offset in mine:
            if position:
                open_lists[offset][-1] = position
                return
            mine.discard(offset)
            open_lists[offset].pop()
            self._undecided.pop(offset, None)
        elif position and offset in self._undecided:
            walks = open_lists.setdefault(offset, [])
            if walks:
                self.lost.setdefault(offset, set()).add(walks[-1])
            walks.append(position)
            mine.add(offset)


class _Events(dict[bytes, "Collection[Event]"]):
    """Type reference → what its string mentions, in order, for those that hold lists to be decided: `names`."""

    def __init__(self, lists: Lists, names: frozenset[bytes]) -> None:
        super().__init__()
        self.names = names
        self._lists = lists

    def __missing__(self, reference: bytes) -> Collection[Event]:
        events = self[reference] = self._lists.events(self._lists.types[reference.decode("latin-1")])
        return events


def _may_be_entered_again(inner: Collection[Event]) -> bool:
    """Whether a typedef may be met while it is open: not one that only mentions a structure."""
    if len(inner) != 1:
        return len(inner) > 1
    (only,) = inner
    return isinstance(only, tuple) or only[0] == TYPEDEF
