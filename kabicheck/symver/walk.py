"""The exact walk: gendwarfksyms' own traversal of DIEs, step by step (dwarf.c, die.c).

It caches what the C tool caches, in its order, with all that follows from that: list commas that depend on the
walk, and names of renamed members that reach further than meant. The quick way (`texts.py`) is used wherever it
is provably equal; this one decides everywhere else. Nesting is the input's, so functions are generators that
yield the calls they make, and `Walk.run` keeps the stack.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from kabicheck.dwarf import constants as dw
from kabicheck.dwarf.die import DieReader
from kabicheck.dwarf.files import read_files
from kabicheck.symver.grammar import (
    ATTRIBUTES,
    CONTAINERS,
    EXPANDED,
    LINEBREAK,
    MODIFIERS,
    SKIPPED_IN_STRUCTURES,
)
from kabicheck.symver.kabi import IGNORED, NORMAL, RESERVED, KabiMembers, is_kabi_name
from kabicheck.symver.scope import Scopes, symbol_name
from kabicheck.symver.symbols import State, Symbol, Symbols, is_pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable

    from kabicheck.dwarf.die import Die
    from kabicheck.dwarf.info import DebugInfo
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


class Walk:
    """All exports of one object, walked as the C tool does. After `run`:

    entries: (offset, COMPLETE or UNEXPANDED) → Entry; roots: offset of a symbol's DIE → its Entry.
    `rules` is None without --stable.
    """

    def __init__(self, info: DebugInfo, symbols: Symbols, rules: Rules | None) -> None:
        self.info = info
        self.symbols = symbols
        self.rules = rules
        self.entries: dict[tuple[int, int], Entry] = {}
        self.roots: dict[int, Entry] = {}
        self.readers = [DieReader(info, unit) for unit in info.units]
        self._starts = [unit.start for unit in info.units]
        self._scopes: dict[int, Scopes] = {}
        self._dies: dict[int, Die] = {}
        self._serial = 0
        self._private: dict[int, bool] = {}
        self._files: dict[int, list[str]] = {}
        self._kabi = KabiMembers(self)
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
        # DIE and wanted state → how much was expanded when it was last entered: see _enter
        self._open: dict[tuple[int, int], int] = {}

    # --- units and symbols -------------------------------------------------------------------------

    def run(self, until: Collection[int] = ()) -> None:
        """Walk every unit (process_cu); or only until all types at these offsets have been walked, if any are given."""
        missing = set(until)
        for _ in self._symbols_in_order():
            if missing:
                missing = {offset for offset in missing if (offset, COMPLETE) not in self.entries}
                if not missing:
                    return

    def dropped(self, parameter_list: int) -> frozenset[int]:
        """Which parameters of a function type lost the comma before them, by position."""
        pieces = self.entries[parameter_list, COMPLETE].pieces
        parameters = [p for p in pieces if isinstance(p, int) and p >= 0 and self.die(p).tag == dw.TAG_FORMAL_PARAMETER]
        return frozenset(
            position
            for position, offset in enumerate(parameters)
            if position and self.entries[offset, COMPLETE].pieces[0] != " ,"
        )

    def _symbols_in_order(self) -> Generator[None, None, None]:
        for index, reader in enumerate(self.readers):
            self._private.clear()  # srcfile_cache lives as long as a unit's walk
            for candidate in self.scopes(index).candidates:
                die = reader.read(candidate.offset)
                assert die is not None
                self._candidate(die, candidate.name, candidate.origin)
                yield
            for symbol in self.symbols:
                if symbol.state is State.UNPROCESSED and symbol.pointer is not None:
                    self._symbol(symbol, self.die(symbol.pointer))
                    yield

    def _candidate(self, die: Die, name: str | None, origin: int | None) -> None:
        """match_export_symbol and process_exported_symbols."""
        symbol = self.symbols.get(name)
        source = die
        if origin is not None:
            source = self.die(origin)
            if symbol is None:
                symbol = self.symbols.get(symbol_name(self.reader(source.offset), source))
        if symbol is None:
            return
        if is_pointer(symbol_name(self.reader(source.offset), source)):
            self._save_pointer(symbol, source)
        else:
            self._symbol(symbol, source, function=die.tag == dw.TAG_SUBPROGRAM)

    def _save_pointer(self, symbol: Symbol, die: Die) -> None:
        """save_symbol_ptr: the type of a symbol that is defined elsewhere."""
        pointer = self._type(die)
        if pointer is None or pointer.tag != dw.TAG_POINTER:
            raise self.info.error(die.offset, f"the pointer for {symbol.name} is no pointer")
        target = self._type(pointer)
        if target is None:
            raise self.info.error(pointer.offset, f"the pointer for {symbol.name} has no type")
        function = target.tag == dw.TAG_SUBROUTINE
        self.symbols.set_pointer(symbol, target.offset if function else pointer.offset)

    def _symbol(self, symbol: Symbol, die: Die, *, function: bool | None = None) -> None:
        """process_symbol with process_subprogram or process_variable."""
        self.symbols.set_die(symbol, die.offset)
        if die.offset in self.roots:
            return
        entry = self.roots[die.offset] = Entry(die.offset, 0)
        entry.tag = die.tag
        state = WalkState()
        if function if function is not None else die.tag == dw.TAG_SUBROUTINE:
            self._run(self._subroutine(state, entry, die, "subprogram"))
        else:
            entry.pieces.append("variable ")
            self._run(self._type_of(state, entry, die))
        self._open.clear()

    def _run(self, step: Step) -> None:
        """Run a generator and the generators it yields, depth first."""
        stack = [step]
        while stack:
            inner = next(stack[-1], None)
            if inner is None:
                stack.pop()
            else:
                stack.append(inner)

    # --- DIEs --------------------------------------------------------------------------------------

    def unit_index(self, offset: int) -> int:
        """The unit that holds an offset."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0:
            raise self.info.error(offset, "an offset outside all units")
        return index

    def reader(self, offset: int) -> DieReader:
        """The reader of the unit that holds an offset."""
        return self.readers[self.unit_index(offset)]

    def die(self, offset: int) -> Die:
        """The DIE at an offset. Raises ObjectError where there is none."""
        die = self._dies.get(offset)
        if die is None:
            die = self.reader(offset).read(offset)
            if die is None:
                raise self.info.error(offset, "a reference leads to no DIE")
            self._dies[offset] = die
        return die

    def scopes(self, index: int) -> Scopes:
        """The scopes of a unit."""
        if index not in self._scopes:
            self._scopes[index] = Scopes(self.readers[index])
        return self._scopes[index]

    def _type(self, die: Die) -> Die | None:
        offset = self.reader(die.offset).reference(die, dw.AT_TYPE)
        return None if offset is None else self.die(offset)

    def is_private(self, die: Die) -> bool:
        """is_definition_private: types defined in a .c file cannot change the public ABI.

        Answers are cached by file number alone for as long as a unit is walked, as the C tool does, also for a DIE
        of another unit with another file table.
        """
        reader = self.reader(die.offset)
        number = reader.number(die, dw.AT_DECL_FILE)
        if number is None:
            return False
        if number not in self._private:
            unit = reader.unit.start
            if unit not in self._files:
                self._files[unit] = read_files(reader)
            files = self._files[unit]
            if number >= len(files):
                raise self.info.error(die.offset, f"file number {number} does not exist")
            self._private[number] = files[number].endswith(".c")
        return self._private[number]

    # --- types -------------------------------------------------------------------------------------

    def _enter(self, state: WalkState, die: Die, want: int) -> None:
        """Refuse a type that contains itself without a structure between: the C tool's stack would overflow."""
        key = (die.offset, want)
        if self._open.get(key) == len(state.expanded):
            raise self.info.error(die.offset, "a type that contains itself")
        self._open[key] = len(state.expanded)

    def _process(self, state: WalkState, parent: Entry | None, die: Die) -> Step:
        """process_type."""
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
            before = self._open[die.offset, want]
            self._serial += 1
            entry = Entry(die.offset, self._serial)
            yield self._describe(state, entry, die)
            entry.tag = die.tag
            newest = self.entries.get((die.offset, want))
            if newest is None or newest.serial < entry.serial:
                self.entries[die.offset, want] = entry
            if self._open.get((die.offset, want)) == before:
                del self._open[die.offset, want]
        else:
            for piece in entry.pieces:  # process_cached: what it contains counts as expanded too
                if isinstance(piece, int) and piece >= 0:
                    yield self._process(state, None, self.die(piece))
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
        raise self.info.error(die.offset, f"unexpected type: tag {tag:#x}")

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
            index = self.unit_index(die.offset)
            name = self.readers[index].text(die, dw.AT_NAME)
            entry.fqn = self.scopes(index).prefix(die.offset) + name if name is not None else ""
        return entry.fqn

    def _named(self, entry: Entry, die: Die, word: str) -> None:
        """A word and the name, and the brace that follows (process_fqn)."""
        fqn = self._fqn(entry, die)
        entry.pieces.append(word)
        if fqn:
            entry.pieces += (" ", fqn)

    def _numbers(self, entry: Entry, die: Die, *attributes: int) -> None:
        """` attribute(value)` for each attribute that is there."""
        reader = self.reader(die.offset)
        for attribute in attributes:
            value = reader.number(die, attribute)
            if value is None:
                continue
            if attribute == dw.AT_BYTE_SIZE and self.rules is not None:
                override = self.rules.byte_size(entry.fqn)
                value = value if override is None else override
            entry.pieces.append(f" {ATTRIBUTES[attribute]}({value})")

    def _type_of(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """process_type_attr."""
        inner = self._type(die)
        if inner is None:
            entry.pieces.append("base_type void")
        else:
            yield self._process(state, entry, inner)

    def _modifier(self, state: WalkState, entry: Entry, die: Die, word: str) -> Step:
        """__process_type."""
        self._named(entry, die, word)
        entry.pieces += (" {", LINEBREAK)
        yield self._type_of(state, entry, die)
        entry.pieces += (LINEBREAK, "}")
        self._numbers(entry, die, dw.AT_BYTE_SIZE, dw.AT_ALIGNMENT)

    def _container(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """__process_structure_type, with process_union_type's placeholder before it."""
        if die.tag == dw.TAG_UNION and self.rules is not None:
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
            if die.tag == dw.TAG_ENUMERATION:
                yield self._items(state, entry, die, dw.TAG_ENUMERATOR)
            else:
                yield self._members(state, entry, die)
        entry.pieces += (LINEBREAK, "}")
        if expand:
            self._numbers(entry, die, dw.AT_BYTE_SIZE, dw.AT_ALIGNMENT)

    def _is_definition(self, entry: Entry, die: Die) -> bool:
        """is_kabi_definition."""
        if self.reader(die.offset).flag(die, dw.AT_DECLARATION):
            return False
        if self.rules is not None and self.rules.is_declonly(entry.fqn or ""):
            return False
        return not self.is_private(die)

    def _members(self, state: WalkState, entry: Entry, die: Die) -> Step:
        """___process_structure_type for each child."""
        for child in self._list(state, self.reader(die.offset).children(die)):
            if child.tag == dw.TAG_MEMBER:
                if self.rules is None or not self._is_ignored(child):
                    yield self._process(state, entry, child)
            elif child.tag == dw.TAG_VARIANT_PART:
                yield self._process(state, entry, child)
            elif child.tag not in SKIPPED_IN_STRUCTURES:
                raise self.info.error(child.offset, f"unexpected member: tag {child.tag:#x}")

    def _is_ignored(self, member: Die) -> bool:
        """is_kabi_ignored."""
        inner = self._type(member)
        if inner is None:
            raise self.info.error(member.offset, "a member without a type")
        return inner.tag == dw.TAG_UNION and self._kabi.union(inner).kind == IGNORED

    def _items(self, state: WalkState, entry: Entry, die: Die, tag: int | None) -> Step:
        """process_die_container with process_type, over children of one tag, or all."""
        for child in self._list(state, self.reader(die.offset).children(die)):
            if tag is None or child.tag == tag:
                yield self._process(state, entry, child)

    def _member(self, state: WalkState, entry: Entry, die: Die) -> Step:
        return self._list_item(state, entry, die, "member ")

    def _parameter(self, state: WalkState, entry: Entry, die: Die) -> Step:
        return self._list_item(state, entry, die, "formal_parameter ")

    def _list_item(self, state: WalkState, entry: Entry, die: Die, word: str) -> Step:
        """__process_list_type. `original` is not saved around the type: a renamed member that is walked last
        gives its name to this one, where the type is walked and not taken from the cache."""
        name = self.reader(die.offset).text(die, dw.AT_NAME)
        if self.rules is not None:
            if is_kabi_name(name):
                name = None
            state.original = None
        self._comma(state, entry)
        entry.pieces.append(word)
        yield self._type_of(state, entry, die)
        if self.rules is not None and state.original is not None:
            name = state.original
        if name is not None:
            entry.pieces += (" ", name)
        self._numbers(
            entry,
            die,
            dw.AT_ACCESSIBILITY,
            dw.AT_BIT_SIZE,
            dw.AT_DATA_BIT_OFFSET,
            dw.AT_DATA_MEMBER_LOCATION,
        )

    def _subrange(self, _state: WalkState, entry: Entry, die: Die) -> Step:
        reader = self.reader(die.offset)
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
        if self.rules is not None:
            fqn = self._fqn(entry, die)
            if self.rules.is_enumerator_ignored(state.current, fqn):
                return
            value = self.rules.enumerator_value(state.current, fqn)
        self._comma(state, entry)
        self._named(entry, die, "enumerator")
        if value is None:
            value = self.reader(die.offset).number(die, dw.AT_CONST_VALUE)
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
