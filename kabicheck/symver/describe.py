"""What each DIE says, in the order in which gendwarfksyms walks types (dwarf.c: process_type and below).

Nesting is the input's, so functions are generators that yield the calls they make, and `TypeWalk.run` keeps the
stack.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.formats.kabi_rules import split_type
from kabicheck.symver.grammar import (
    ATTRIBUTES,
    CONTAINERS,
    EXPANDED,
    LINEBREAK,
    MODIFIERS,
    SKIPPED_IN_STRUCTURES,
)
from kabicheck.symver.kabi_members import NORMAL, RESERVED, KabiMembers, is_kabi_name, location
from kabicheck.symver.rules import as_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from kabicheck.dwarf.die import Die
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.symver.dies import Dies
    from kabicheck.symver.rules import Rules

    Step = Generator["Step", None, None]

# A cached DIE is wanted whole, or with its body left out (enum die_state: DIE_COMPLETE, DIE_UNEXPANDED).
COMPLETE, UNEXPANDED = 0, 1


class Entry:
    """struct die: what one DIE says, as pieces. An int is another DIE's offset, LINEBREAK a line break.

    fqn: None until the name was asked for, "" for none. serial: creation order; of two entries for the same DIE
    and state the one created later is found (hash_add puts it first).
    """

    __slots__ = ("done", "fqn", "offset", "pieces", "serial", "tag")

    def __init__(self, offset: int, serial: int) -> None:
        self.offset = offset
        self.serial = serial
        self.tag = -1
        self.fqn: str | None = None
        self.pieces: list[str | int] = []
        self.done = False


class WalkState:
    """struct state, for one exported symbol. expanded: structures, unions, enumerations seen so far."""

    __slots__ = ("current", "expand", "expanded", "first", "original")

    def __init__(self) -> None:
        self.first = False
        self.expand = True
        self.current: str | None = None
        self.expanded: set[int] = set()
        self.original: str | None = None  # kabi.orig_name


# For one exported symbol. A DIE is walked wherever it is mentioned, so a few of them can be walked for ever; the
# largest symbols of a real kernel take some 100,000 steps.
MAX_STEPS = 4_000_000


class TypeWalk:
    """Walks types for one exported symbol after the other, and caches what the C tool caches.

    entries: (offset, COMPLETE or UNEXPANDED) → Entry. `rules` is None without --stable.
    """

    def __init__(self, dies: Dies, rules: Rules | None) -> None:
        self.entries: dict[tuple[int, int], Entry] = {}
        self._dies = dies
        self._rules = rules
        self._kabi = KabiMembers(dies, rules)
        self._serial = 0
        self._steps = 0
        # DIE and wanted state → how much was expanded when it was last entered: see _enter
        self._open: dict[tuple[int, int], int] = {}
        self._describers: dict[int, Callable[[WalkState, Entry, Die], Step]] = {
            dw.TAG_ENUMERATOR: self._enumerator,
            dw.TAG_FORMAL_PARAMETER: self._parameter,
            dw.TAG_MEMBER: self._member,
            dw.TAG_SUBRANGE: self._subrange,
            dw.TAG_VARIANT: self._variant,
            dw.TAG_VARIANT_PART: self._variant_part,
            dw.TAG_ARRAY: self._array,
            dw.TAG_BASE: self._base,
            dw.TAG_SUBROUTINE: self._subroutine_type,
            dw.TAG_UNSPECIFIED: self._unspecified,
        }

    def symbol(self, entry: Entry, die: Die, *, function: bool) -> None:
        """What an exported symbol says: process_subprogram or process_variable."""
        state = WalkState()
        self._steps = 0
        if function:
            self._run(self._subroutine(state, entry, die, "subprogram"))
        else:
            entry.pieces.append("variable ")
            self._run(self._type_of(state, entry, die))
        self._open.clear()

    @staticmethod
    def _run(step: Step) -> None:
        """Run a generator and the generators it yields, depth first."""
        stack = [step]
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
            else:
                stack.append(inner)

    def _enter(self, state: WalkState, die: Die, want: int) -> None:
        """Refuse a type that contains itself without a structure between: the C tool's stack would overflow."""
        key = (die.offset, want)
        if self._open.get(key) == len(state.expanded):
            raise self._dies.info.error(die.offset, "a type that contains itself")
        self._open[key] = len(state.expanded)

    def _process(self, state: WalkState, parent: Entry | None, die: Die) -> Step:
        """process_type."""
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise self._dies.info.error(die.offset, "types that take too long to walk")
        saved = state.expand, state.current
        want = COMPLETE
        if die.tag in EXPANDED:
            if die.offset in state.expanded:
                state.expand = False
            if state.expand:
                state.expanded.add(die.offset)
            else:
                want = UNEXPANDED
        entry = self.entries.get((die.offset, want))
        if entry is None:
            self._enter(state, die, want)
            expanded = self._open[die.offset, want]
            self._serial += 1
            entry = Entry(die.offset, self._serial)
            yield self._describe(state, entry, die)
            entry.tag = die.tag
            newest = self.entries.get((die.offset, want))
            if newest is None or newest.serial < entry.serial:
                self.entries[die.offset, want] = entry
            if self._open.get((die.offset, want)) == expanded:
                del self._open[die.offset, want]
        else:
            for piece in entry.pieces:  # process_cached: what it contains counts as expanded too
                if isinstance(piece, int) and piece >= 0:
                    yield self._process(state, None, self._dies.die(piece))
        if parent is not None:
            parent.pieces.append(die.offset)
        state.expand, state.current = saved

    def _describe(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """The body of process_type's switch."""
        tag = die.tag
        if tag in MODIFIERS:
            return self._modifier(state, entry, die, MODIFIERS[tag])
        if tag in CONTAINERS:
            return self._container(state, entry, die)
        describe = self._describers.get(tag)
        if describe is not None:
            return describe(state, entry, die)
        raise self._dies.info.error(die.offset, f"unexpected type: tag {tag:#x}")

    def _list(self, state: WalkState, dies: Iterable[Die]) -> Generator[Die, None, None]:
        """The items of a list with the state that tells the first from the others (process_die_container)."""
        state.first = True
        yield from dies
        state.first = False

    def _comma(self, state: WalkState, entry: Entry) -> None:
        """process_list_comma."""
        if state.first:
            state.first = False
        else:
            entry.pieces += (" ,", LINEBREAK)

    def _fqn(self, entry: Entry, die: Die) -> str:
        """update_fqn: the name with its scopes."""
        if entry.fqn is None:
            entry.fqn = self._dies.fqn(die)
        return entry.fqn

    def _named(self, entry: Entry, die: Die, word: str) -> None:
        """A word and the name, and the brace that follows (process_fqn)."""
        fqn = self._fqn(entry, die)
        entry.pieces.append(word)
        if fqn:
            entry.pieces += (" ", fqn)

    def _numbers(self, entry: Entry, die: Die, *attributes: int) -> None:
        """` attribute(value)` for each attribute that is there."""
        reader = self._dies.reader(die.offset)
        for attribute in attributes:
            value = reader.number(die, attribute)
            if value is None:
                continue
            if attribute == dw.AT_BYTE_SIZE and self._rules is not None:
                override = self._rules.byte_size(entry.fqn)
                value = value if override is None else override
            entry.pieces.append(f" {ATTRIBUTES[attribute]}({value})")

    def _type_of(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """process_type_attr."""
        inner = self._dies.type_of(die)
        if inner is None:
            entry.pieces.append("base_type void")
        else:
            yield self._process(state, entry, inner)

    def _modifier(self, state: WalkState, entry: Entry, die: Die, word: str) -> Step:
        """__process_type."""
        self._named(entry, die, word)
        if die.tag == dw.TAG_TYPEDEF and self._rules is not None:
            self._enter_unnamed(entry, die)
        entry.pieces += (" {", LINEBREAK)
        yield self._type_of(state, entry, die)
        entry.pieces += (LINEBREAK, "}")
        self._numbers(entry, die, dw.AT_BYTE_SIZE, dw.AT_ALIGNMENT)

    def _container(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """__process_structure_type, with process_union_type's placeholder before it."""
        if die.tag == dw.TAG_UNION and self._rules is not None:
            status = self._kabi.union(die)
            if status.kind == RESERVED:
                state.original = status.original
                assert status.placeholder is not None
                yield self._process(state, entry, status.placeholder)
            if status.kind > NORMAL:
                return
        self._named(entry, die, CONTAINERS[die.tag])
        entry.pieces += (" {", LINEBREAK)
        expand = state.expand and self._is_definition(entry, die)
        if expand:
            state.current = entry.fqn
            self._kabi.enter(die, entry.fqn or "")
            if die.tag == dw.TAG_ENUMERATION:
                yield self._items(state, entry, die, dw.TAG_ENUMERATOR)
            else:
                yield self._members(state, entry, die)
        entry.pieces += (LINEBREAK, "}")
        if expand:
            self._numbers(entry, die, dw.AT_BYTE_SIZE)
            self._alignment(entry, die)

    def _alignment(self, entry: Entry, die: Die) -> None:
        value = self._rules.alignment(entry.fqn) if self._rules is not None else None
        if value is None:
            self._numbers(entry, die, dw.AT_ALIGNMENT)
        else:
            entry.pieces.append(f" {ATTRIBUTES[dw.AT_ALIGNMENT]}({value})")

    def _is_definition(self, entry: Entry, die: Die) -> bool:
        """is_kabi_definition."""
        if self._dies.reader(die.offset).flag(die, dw.AT_DECLARATION):
            return False
        if self._rules is not None and self._rules.is_declonly(entry.fqn or ""):
            return False
        return not self._dies.is_private(die)

    def _members(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """___process_structure_type for each child."""
        for child in self._list(state, self._dies.reader(die.offset).children(die)):
            if child.tag == dw.TAG_MEMBER:
                if self._rules is None or not self._is_ignored(child):
                    yield self._process(state, entry, child)
            elif child.tag == dw.TAG_VARIANT_PART:
                yield self._process(state, entry, child)
            elif child.tag not in SKIPPED_IN_STRUCTURES:
                raise self._dies.info.error(child.offset, f"unexpected member: tag {child.tag:#x}")

    def _is_ignored(self, member: Die) -> bool:
        """is_kabi_ignored."""
        inner = self._dies.type_of(member)
        if inner is None:
            raise self._dies.info.error(member.offset, "a member without a type")
        return self._kabi.is_ignored(member, inner)

    def _items(self, state: WalkState, entry: Entry, die: Die, tag: int | None) -> Step:
        """process_die_container with process_type, over children of one tag, or all."""
        for child in self._list(state, self._dies.reader(die.offset).children(die)):
            if tag is None or child.tag == tag:
                yield self._process(state, entry, child)

    def _member(self, state: WalkState, entry: Entry, die: Die) -> Step:
        return self._list_item(state, entry, die, "member ")

    def _parameter(self, state: WalkState, entry: Entry, die: Die) -> Step:
        return self._list_item(state, entry, die, "formal_parameter ")

    def _list_item(self, state: WalkState, entry: Entry, die: Die, word: str) -> Step:
        """__process_list_type. `original` is not saved around the type: a renamed member that is walked last
        gives its name to this one, where the type is walked and not taken from the cache."""
        name = self._dies.reader(die.offset).text(die, dw.AT_NAME)
        if self._rules is not None:
            if is_kabi_name(name):
                name = None
            state.original = None
        self._comma(state, entry)
        entry.pieces.append(word)
        rule = self._kabi.outside(die)
        if rule is None:
            yield self._type_of(state, entry, die)
        else:
            name = None
            yield self._placeholder(state, entry, die, rule)
        if self._rules is not None and state.original is not None:
            name = state.original
        if name is not None:
            entry.pieces += (" ", name)
        self._numbers(entry, die, dw.AT_ACCESSIBILITY)
        if rule is None:
            self._numbers(entry, die, dw.AT_BIT_SIZE, dw.AT_DATA_BIT_OFFSET, dw.AT_DATA_MEMBER_LOCATION)
        else:
            entry.pieces.append(location(self._dies.reader(die.offset), die))

    def _placeholder(self, state: WalkState, entry: Entry, die: Die, rule: KabiRule) -> Step:
        """What the union of KABI_USE or KABI_REPLACE makes of a member: the type that was there before."""
        state.original = as_bytes(rule.name) or None
        for text, reference in split_type(as_bytes(rule.value)):
            if text:
                entry.pieces.append(text)
            if not reference:
                continue
            inner = self._dies.named(die, reference)
            if inner is None:
                entry.pieces.append(reference)  # which may have a type_string rule
            else:
                yield self._process(state, entry, inner)

    def _enter_unnamed(self, entry: Entry, die: Die) -> None:
        """A typedef's name stands for that of the unnamed structure that it is of."""
        inner = self._dies.type_of(die)
        if inner is not None and inner.tag in CONTAINERS and not self._dies.fqn(inner):
            self._kabi.enter(inner, entry.fqn or "")

    def _subrange(self, _state: WalkState, entry: Entry, die: Die) -> Step:
        reader = self._dies.reader(die.offset)
        count = reader.number(die, dw.AT_COUNT)
        if count is None:
            bound = reader.number(die, dw.AT_UPPER_BOUND)
            count = None if bound is None else (bound + 1) & 0xFFFFFFFFFFFFFFFF
        entry.pieces.append("[]" if count is None else f"[{count}]")
        yield from ()

    def _array(self, state: WalkState, entry: Entry, die: Die) -> Step:
        entry.pieces.append("array_type")
        yield self._items(state, entry, die, dw.TAG_SUBRANGE)
        entry.pieces += (" {", LINEBREAK)
        yield self._type_of(state, entry, die)
        entry.pieces += (LINEBREAK, "}")

    def _subroutine_type(self, state: WalkState, entry: Entry, die: Die) -> Step:
        return self._subroutine(state, entry, die, "subroutine_type")

    def _subroutine(self, state: WalkState, entry: Entry, die: Die, word: str) -> Step:
        """__process_subroutine_type."""
        entry.pieces += (word, " (", LINEBREAK)
        yield self._items(state, entry, die, dw.TAG_FORMAL_PARAMETER)
        entry.pieces += (LINEBREAK, ")", LINEBREAK, "-> ")
        yield self._type_of(state, entry, die)

    def _variant(self, state: WalkState, entry: Entry, die: Die) -> Step:
        self._comma(state, entry)
        entry.pieces += ("variant {", LINEBREAK)
        yield self._items(state, entry, die, dw.TAG_MEMBER)
        entry.pieces += (LINEBREAK, "}")
        self._numbers(entry, die, dw.AT_DISCR_VALUE)

    def _variant_part(self, state: WalkState, entry: Entry, die: Die) -> Step:
        self._comma(state, entry)
        entry.pieces += ("variant_part {", LINEBREAK)
        yield self._items(state, entry, die, None)
        entry.pieces += (LINEBREAK, "}")

    def _enumerator(self, state: WalkState, entry: Entry, die: Die) -> Step:
        value = None
        if self._rules is not None:
            fqn = self._fqn(entry, die)
            if self._rules.is_enumerator_ignored(state.current, fqn):
                return
            value = self._rules.enumerator_value(state.current, fqn)
        self._comma(state, entry)
        self._named(entry, die, "enumerator")
        if value is None:
            value = self._dies.reader(die.offset).number(die, dw.AT_CONST_VALUE)
        if value is not None:
            entry.pieces.append(f" = {value}")
        yield from ()

    def _base(self, _state: WalkState, entry: Entry, die: Die) -> Step:
        self._named(entry, die, "base_type")
        self._numbers(entry, die, dw.AT_BYTE_SIZE, dw.AT_ENCODING, dw.AT_ALIGNMENT)
        yield from ()

    def _unspecified(self, _state: WalkState, entry: Entry, _die: Die) -> Step:
        entry.pieces.append("unspecified_type")
        yield from ()
