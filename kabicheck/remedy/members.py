"""Rules that hide what happened to the members of a structure or union, where the old ones are at their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Function, Pointer, Qualified
from kabicheck.compare.pair import nameless_field, variants
from kabicheck.compare.render import spell
from kabicheck.compare.size import size_of
from kabicheck.compare.spelling import nameless_type
from kabicheck.compare.type_texts import type_texts
from kabicheck.formats.kabi import BYTE_SIZE, MEMBER_IGNORE, MEMBER_REPLACE, MEMBER_USE, KabiRule
from kabicheck.remedy.unsafe import Unsafe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kabicheck.compare.declaration import Type
    from kabicheck.compare.pair import Field, Pair

GROWN = "{} may grow only if modules neither allocate nor embed it"
RETYPED = "what modules do with {} as it was must still work"


def member_rules(
    owner: str, pair: Pair, old: Mapping[str, str], new: Mapping[str, str], *, sized: bool
) -> tuple[tuple[KabiRule, ...], tuple[str, ...]]:
    """Hide new members, and what took the place of old ones; and what that is safe under. Raises Unsafe.

    old, new: type strings of the object; sized: the structure itself has a name, by which its size can be ruled.
    """
    return _Members(owner, pair, old, new).rules(sized=sized)


@dataclass(frozen=True, slots=True)
class _Place:
    """A field of one side. path: as rules have it; bits: how many it takes, None where that is not known."""

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


class _Members:
    def __init__(self, owner: str, pair: Pair, old: Mapping[str, str], new: Mapping[str, str]) -> None:
        self._owner = owner
        self._pair = pair
        self._old = _places(pair.fields[0], old)
        self._new = _places(pair.fields[1], new)
        self._texts = type_texts(pair.old_text)
        self._rules: dict[str, KabiRule] = {}  # path of a new member → its rule
        self._cautions: list[str] = []

    def rules(self, *, sized: bool) -> tuple[tuple[KabiRule, ...], tuple[str, ...]]:
        """All rules, in the order of the new members."""
        self._require_variants()
        for key, place in self._old.items():
            if key in self._new:
                self._kept(place, self._new[key])
            else:
                self._replaced(place)
        for key, place in self._new.items():
            if key not in self._old and place.path not in self._rules:
                self._add(MEMBER_IGNORE, place)
                if not place.bits:  # `char buffer[]` at the end: what it has is beyond the size
                    self._cautions.append(GROWN.format(self._owner))
        rules = [self._rules[place.path] for place in self._new.values() if place.path in self._rules]
        return (*rules, *self._size(sized=sized)), tuple(dict.fromkeys(self._cautions))

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
        if old.field.type == new.field.type:
            return
        if nameless_type(old.field.type) != nameless_type(new.field.type):
            self._require_room(old, new)
            self._cautions.append(RETYPED.format(old.path))
        self._replace(old, new)

    def _replaced(self, old: _Place) -> None:
        """A member that is gone: what stands at its place now hides it; of a reserved one, as much as fits."""
        inside = [new for key, new in self._new.items() if key not in self._old and old.holds(new)]
        first = next((new for new in inside if new.field.position == old.field.position), None)
        if first is None:
            raise Unsafe(f"{old.path or 'a reserved member'} is gone, or something larger is at its place")
        if old.name and nameless_field(old.field) != nameless_field(first.field):
            if old.bits != first.bits:
                raise Unsafe(f"{old.path} is gone, and {first.path} at its place has not the same size")
            self._cautions.append(RETYPED.format(old.path))
        self._replace(old, first)
        for new in inside:
            if new is not first:
                self._add(MEMBER_IGNORE, new)

    @staticmethod
    def _require_room(old: _Place, new: _Place) -> None:
        was, now = spell(old.field.type), spell(new.field.type)
        if "{" in was + now:
            raise Unsafe(f"{old.path} changed from {was} to {now}")
        if old.bits is None or old.bits != new.bits:
            raise Unsafe(f"{old.path} changed from {was} to {now}, which has not the same size")

    def _replace(self, old: _Place, new: _Place) -> None:
        if _signature(old.field.type) not in {None, _signature(new.field.type)}:
            raise Unsafe(f"{old.path} is called in another way")
        if old.field.bit_size is not None:
            raise Unsafe(f"{old.path} is a bit-field, which no rule can stand in for")
        text = self._texts.get(old.field.type, "")
        if old.name:
            self._add(MEMBER_REPLACE, new, text, old.name)
        else:
            self._add(MEMBER_USE, new, text)

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
        if self._pair.old.alignment != self._pair.new.alignment:
            raise Unsafe("its alignment changed")
        if old is None or new is None or new < old:
            raise Unsafe(f"its size changed from {old} to {new}")
        if new == old:
            return ()
        self._cautions.append(GROWN.format(self._owner))
        return (KabiRule(BYTE_SIZE, self._owner, str(old)),) if sized else ()


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


def _offset(place: _Place) -> str:
    byte, bit = divmod(place.field.position, 8)
    return f"offset {byte}{f':{bit}' if bit else ''}"


def _spelled(place: _Place) -> str:
    width = "" if place.field.bit_size is None else f" : {place.field.bit_size}"
    return spell(place.field.type) + width
