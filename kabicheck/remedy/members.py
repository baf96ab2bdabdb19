"""Rules that hide what happened to the members of a structure or union, where the old ones are at their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Array, Base, Function, Pointer, Qualified
from kabicheck.compare.fields import is_reserved, variants
from kabicheck.compare.measures import measures_of
from kabicheck.compare.render import spell
from kabicheck.compare.sizes import size_of
from kabicheck.compare.spelling import Likeness, Role, likeness, nameless_type
from kabicheck.compare.type_texts import type_texts
from kabicheck.formats.kabi_rules import (
    ALIGNMENT,
    BYTE_SIZE,
    MEMBER_IGNORE,
    MEMBER_REPLACE,
    MEMBER_USE,
    KabiRule,
)
from kabicheck.remedy.unsafe import Unsafe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.compare.declaration import Type
    from kabicheck.compare.fields import Field
    from kabicheck.compare.pair import Pair

RESERVED_ARRAY = 8  # KABI_RESERVE_ARRAY is __aligned(8)
GROWN = "{} may grow only if modules neither allocate nor embed it, and nobody indexes it"
USED = "modules built before do not know {0}: what makes a {1} must zero what is reserved, and {0} must work as zero"
ADDED = "modules built before neither set nor copy {}, where they make or copy a {}"
RENAMED = "{} must mean what {} meant"


@dataclass(frozen=True, slots=True)
class MemberRules:
    """Rules for the members of one type, and what an old module makes of the change.

    rules: in the order of the new members.
    cautions: sentences that say what has to hold for the rules to be safe.
    added: the path of each member that stands where nothing was.
    grown: whether the whole has become larger.
    """

    rules: tuple[KabiRule, ...]
    cautions: tuple[str, ...]
    added: tuple[str, ...] = ()
    grown: bool = False


def member_rules(
    owner: str, pair: Pair, old: Mapping[str, str], new: Mapping[str, str], *, sized: bool
) -> MemberRules:
    """Hide new members, other names and other words for a type. Raises Unsafe where an old member is not what it was.

    old, new: type strings of the object; sized: the structure itself has a name, by which its size can be ruled.
    """
    return _Members(owner, pair, old, new).rules(sized=sized)


def spell_owner(owner: str, pair: Pair) -> str:
    """`struct foo`; an unnamed one is called by its typedef."""
    kind = pair.new
    return f"{kind.keyword} {owner}" if isinstance(kind, Aggregate) and kind.name else owner


@dataclass(frozen=True, slots=True)
class _Place:
    """A field of one side.

    path: as rules have it; "" for one without a name.
    field: its type and position.
    bits: how many it takes; None where that is not known.
    """

    path: str
    field: Field
    bits: int | None

    @property
    def name(self) -> str:
        return self.path.rpartition(".")[2]

    def holds(self, other: _Place) -> bool:
        """Whether another field lies within this one's place."""
        if self.bits is None or other.bits is None:
            return False
        start, inner = self.field.position, other.field.position
        return start <= inner and inner + other.bits <= start + self.bits

    def ends_beyond(self, size: int | None) -> bool:
        """Whether a field ends behind so many bytes, as where a rule says that the structure is no larger."""
        return size is not None and self.bits is not None and self.field.position + self.bits > 8 * size

    def overlaps(self, other: _Place) -> bool:
        """Whether both have a bit in common, or that cannot be told."""
        start, behind = self.field.position, other.field.position
        if self.bits is None or other.bits is None:
            return True
        return start < behind + other.bits and behind < start + self.bits


_ALIKE = frozenset({Likeness.SAME, Likeness.RESPELLED})


class _Members:
    def __init__(self, owner: str, pair: Pair, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        self._owner = owner
        self._pair = pair
        self._measures = measures_of(old), measures_of(new)
        self._old = _places(pair.fields[0], old)
        self._new = _places(pair.fields[1], new)
        self._texts = type_texts(pair.old_text)
        self._rules: dict[str, KabiRule] = {}  # path of a new member → its rule
        self._cautions: list[str] = []

    def rules(self, *, sized: bool) -> MemberRules:
        """All rules, in the order of the new members."""
        self._require_variants()
        for key, place in self._old.items():
            if key in self._new:
                self._kept(place, self._new[key])
            else:
                self._replaced(place)
        added = [
            place
            for key, place in self._new.items()
            if key not in self._old and place.path not in self._rules
        ]
        for place in added:
            self._require_free(place)
            self._add(MEMBER_IGNORE, place)
        rules = [self._rules[place.path] for place in self._new.values() if place.path in self._rules]
        size = self._size(sized=sized)
        old, new = self._pair.sizes
        return MemberRules(
            (*rules, *size),
            tuple(dict.fromkeys(self._cautions)),
            tuple(place.path for place in added),
            grown=old != new or any(place.ends_beyond(old) for place in added),
        )

    def _require_free(self, new: _Place) -> None:
        """A member that stands where nothing was, or reserved space, and has an end."""
        if not new.bits:
            raise Unsafe(f"{new.path} has no size, so that it lies beyond what modules know of")
        for old in self._old.values():
            if old.overlaps(new) and not is_reserved(old.path, old.field):
                raise Unsafe(f"{new.path} lies upon {old.path}, which modules use")

    def _require_variants(self) -> None:
        """Those of a Rust enumeration, which are no fields of it."""
        old, new = (
            list(variants(side.items)) if isinstance(side, Aggregate) else []
            for side in (self._pair.old, self._pair.new)
        )
        if old != new and not self._pair.same_but_names:
            raise Unsafe("its variants changed")

    def _kept(self, old: _Place, new: _Place) -> None:
        """A member of the same name."""
        if old.field.bit_size != new.field.bit_size:
            raise Unsafe(f"{old.path} changed from {_spelled(old)} to {_spelled(new)}")
        if old.field.position != new.field.position:
            raise Unsafe(f"{old.path} moved from {_offset(old)} to {_offset(new)}")
        if old.field.run != new.field.run:
            raise Unsafe(f"{old.path} may have moved, as the bit-fields before it changed")
        if old.field.type == new.field.type:
            return
        self._require_likeness(old, new)
        self._replace(old, new)

    def _replaced(self, old: _Place) -> None:
        """A member that is gone: what stands at its place now hides it; of a reserved one, as much as fits."""
        inside = [new for key, new in self._new.items() if key not in self._old and old.holds(new)]
        first = next((new for new in inside if new.field.position == old.field.position), None)
        if first is None:
            raise Unsafe(f"{old.path or 'a reserved member'} is gone, or something larger is at its place")
        if not old.name:
            names = " and ".join([new.path for new in inside])
            self._cautions.append(USED.format(names, spell_owner(self._owner, self._pair)))
        elif old.bits != first.bits or old.field.bit_size != first.field.bit_size:
            raise Unsafe(f"{old.path} is gone, and {first.path} at its place has not the same size")
        elif self._likeness(old, first) not in _ALIKE:
            raise Unsafe(f"{old.path} is gone, and {first.path} at its place is of another type")
        else:
            self._cautions.append(RENAMED.format(first.path, old.path))
        self._replace(old, first)
        for new in inside:
            if new is not first:
                self._add(MEMBER_IGNORE, new)

    def _likeness(self, old: _Place, new: _Place) -> Likeness:
        return likeness(old.field.type, new.field.type, self._pair.around, Role.KEPT)

    def _require_likeness(self, old: _Place, new: _Place) -> None:
        """One type, in other words at most: what is as large may still mean something else."""
        if self._likeness(old, new) in _ALIKE:
            return
        old_type, new_type = spell(old.field.type), spell(new.field.type)
        if _signature(old.field.type) not in {None, _signature(new.field.type)}:
            raise Unsafe(f"{old.path} is called in another way")
        same = old.bits is not None and old.bits == new.bits
        but = "another type" if same or "{" in old_type + new_type else "which has not the same size"
        raise Unsafe(f"{old.path} changed from {old_type} to {new_type}, {but}")

    def _replace(self, old: _Place, new: _Place) -> None:
        if old.field.bit_size is not None:
            raise Unsafe(f"{old.path} is a bit-field, which no rule can stand in for")
        self._require_alignment(old, new)
        text = self._texts.get(old.field.type, "")
        if old.name:
            self._add(MEMBER_REPLACE, new, text, old.name)
        else:
            self._add(MEMBER_USE, new, text)

    def _require_alignment(self, old: _Place, new: _Place) -> None:
        """What takes a member's place is aligned no more: the macros assert it, and the whole may be aligned so."""
        old_alignment = self._measures[0].alignment(old.field.type)
        new_alignment = self._measures[1].alignment(new.field.type)
        if not old.name and isinstance(old.field.type, Array) and _is_byte(old.field.type.element):
            old_alignment = RESERVED_ARRAY
        if old_alignment is None or new_alignment is None or new_alignment > old_alignment:
            what = old.path or "a reserved member"
            old_bytes, new_bytes = _bytes(old_alignment), _bytes(new_alignment)
            raise Unsafe(f"{what} is aligned to {old_bytes}, and {new.path} in its place to {new_bytes}")

    def _add(self, kind: str, new: _Place, value: str = "", name: str = "") -> None:
        if not new.name:
            raise Unsafe("a member without a name was added, which no rule can name")
        self._rules[new.path] = KabiRule(kind, f"{self._owner} {new.path}", value, name)

    def _size(self, *, sized: bool) -> tuple[KabiRule, ...]:
        old, new = self._pair.sizes
        assert isinstance(self._pair.old, Aggregate)
        assert isinstance(self._pair.new, Aggregate)
        if self._pair.old.keyword != self._pair.new.keyword:
            raise Unsafe(f"a {self._pair.old.keyword} became a {self._pair.new.keyword}")
        aligned = self._aligned(self._pair.old, self._pair.new)
        if old is None or new is None or new < old:
            raise Unsafe(f"its size changed from {old} to {new}")
        if new == old:
            return aligned if sized else ()
        return (KabiRule(BYTE_SIZE, self._owner, str(old)), *aligned) if sized else ()

    def _aligned(self, old: Aggregate, new: Aggregate) -> tuple[KabiRule, ...]:
        """The alignment that is not said any more, though it is the same: KABI_RESERVE_ARRAY says one."""
        old_alignment, new_alignment = self._measures[0].alignment(old), self._measures[1].alignment(new)
        if old_alignment is None or old_alignment != new_alignment:
            if old.alignment == new.alignment and (old_alignment is None or new_alignment is None):
                return ()  # not known, and nothing is said of it
            raise Unsafe(f"its alignment changed from {old_alignment} to {new_alignment}")
        if old.alignment in {None, new.alignment}:
            return ()
        return (KabiRule(ALIGNMENT, self._owner, str(old.alignment)),)


def _places(fields: Mapping[str, Field], types: Mapping[str, str]) -> dict[str, _Place]:
    """The fields by name, and those without one, as reserved members and padding, by position."""
    places = {}
    for path, found in fields.items():
        size = size_of(found.type, types)
        bits = found.bit_size if found.bit_size is not None else None if size is None else 8 * size
        nameless = not path or path.endswith(".") or "#" in path
        places[f"@{found.position}" if nameless else path] = _Place("" if nameless else path, found, bits)
    return places


def _signature(kind: Type) -> Function | None:
    """What a pointer to a function points to, without the names of parameters; None for other types."""
    while isinstance(kind, Pointer | Qualified):
        kind = kind.target
    plain = nameless_type(kind)
    return plain if isinstance(plain, Function) else None


def _is_byte(kind: Type) -> bool:
    return isinstance(kind, Base) and kind.name == "unsigned char"


def _bytes(number: int | None) -> str:
    return "an unknown number of bytes" if number is None else f"{number} byte{'s' * (number != 1)}"


def _offset(place: _Place) -> str:
    byte, bit = divmod(place.field.position, 8)
    return f"offset {byte}{f':{bit}' if bit else ''}"


def _spelled(place: _Place) -> str:
    width = "" if place.field.bit_size is None else f" : {place.field.bit_size}"
    return spell(place.field.type) + width
