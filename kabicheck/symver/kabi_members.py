"""Members that hide a change from a version: `__kabi_*` unions (dwarf.c: get_union_kabi_status), and members that a
rule outside the source makes count as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from kabicheck.dwarf import constants as dw
from kabicheck.formats.kabi_rules import MEMBER_IGNORE
from kabicheck.symver.grammar import ATTRIBUTES, CONTAINERS

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die, DieReader
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.symver.rules import Rules

PREFIX = "__kabi_"
EMPTY, NORMAL, RESERVED, IGNORED = 0, 1, 2, 3  # enum kabi_status; 0: a structure without members


class UnionStatus(NamedTuple):
    """What a union stands for.

    kind: one of EMPTY to IGNORED.
    placeholder: the type that is versioned instead.
    original: the member's old name.
    """

    kind: int
    placeholder: Die | None = None
    original: str | None = None


class DieSource(Protocol):
    """Where DIEs come from."""

    def die(self, offset: int) -> Die:
        """The DIE at an offset."""

    def reader(self, offset: int) -> DieReader:
        """The reader of the unit that holds an offset."""

    def named(self, near: Die, reference: str) -> Die | None:
        """The type of a reference in the unit of another DIE."""


def is_kabi_name(name: str | None) -> bool:
    """is_kabi_prefix."""
    return name is not None and name.startswith(PREFIX)


class KabiMembers:
    """Answers for unions, each looked at once, and for the members that rules outside the source name."""

    def __init__(self, source: DieSource, rules: Rules | None) -> None:
        self._source = source
        self._rules = rules
        self._known: dict[int, UnionStatus] = {}
        self._outside: dict[int, KabiRule] = {}

    def enter(self, die: Die, fqn: str) -> set[int]:
        """Find the members that rules name in a structure or union, before they are walked; their offsets.

        A member of an unnamed structure in it has that one's name before its own, `u.count`, if there is a name.
        """
        if self._rules is None or fqn not in self._rules.members:
            return set()
        wanted, found = self._rules.members[fqn], set[int]()
        inside = [(die, "")]
        while inside:
            parent, prefix = inside.pop()
            reader = self._source.reader(parent.offset)
            for member in reader.children(parent):
                if member.tag != dw.TAG_MEMBER:
                    continue
                name = reader.text(member, dw.AT_NAME) or ""
                if prefix + name in wanted:
                    self._outside[member.offset] = rule = wanted[prefix + name]
                    self._rules.used.add(rule)
                    found.add(member.offset)
                inner = self._unnamed(reader, member)
                if inner is not None:
                    inside.append((inner, f"{prefix}{name}." if name else prefix))
        return found

    def outside(self, member: Die) -> KabiRule | None:
        """The rule outside the source for a member."""
        return self._outside.get(member.offset)

    def is_ignored(self, member: Die, inner: Die) -> bool:
        """is_kabi_ignored. inner: the member's type."""
        rule = self._outside.get(member.offset)
        if rule is not None:
            return rule.rule == MEMBER_IGNORE
        return inner.tag == dw.TAG_UNION and self.union(inner).kind == IGNORED

    def named(self, near: Die, reference: str) -> Die | None:
        """What a rule's type string refers to, in the unit of a DIE."""
        return self._source.named(near, reference)

    def _unnamed(self, reader: DieReader, member: Die) -> Die | None:
        """The structure or union without a name that a member's type is."""
        offset = reader.reference(member, dw.AT_TYPE)
        if offset is None:
            return None
        inner = self._source.die(offset)
        named = self._source.reader(offset).text(inner, dw.AT_NAME) is not None
        return inner if inner.tag in CONTAINERS and not named else None

    def union(self, die: Die) -> UnionStatus:
        """get_union_kabi_status: at most two members are looked at, and the first member of a structure there."""
        status = self._known.get(die.offset)
        if status is None:
            status = self._known[die.offset] = self._union(die)
        return status

    def _union(self, die: Die) -> UnionStatus:
        reader = self._source.reader(die.offset)
        members = 0
        for member in reader.children(die):
            if member.tag != dw.TAG_MEMBER:
                continue
            status = self._union_member(reader, member)
            members += 1
            if status.kind > NORMAL:
                return status
            if members >= 2 and status.kind == NORMAL:
                break
        return UnionStatus(NORMAL)

    def _union_member(self, reader: DieReader, member: Die) -> UnionStatus:
        """check_union_member_kabi_status."""
        offset = reader.reference(member, dw.AT_TYPE)
        if offset is None:
            raise reader.info.error(member.offset, "a union member without a type")
        inner = self._source.die(offset)
        kind, original = _name_status(reader.text(member, dw.AT_NAME))
        if kind != NORMAL:
            return UnionStatus(kind, inner, original)
        if inner.tag == dw.TAG_STRUCTURE:
            return self._structure(inner)
        return UnionStatus(NORMAL)

    def _structure(self, die: Die) -> UnionStatus:
        """check_struct_member_kabi_status: the first member decides."""
        reader = self._source.reader(die.offset)
        for member in reader.children(die):
            if member.tag != dw.TAG_MEMBER:
                continue
            kind, original = _name_status(reader.text(member, dw.AT_NAME))
            if kind != RESERVED:
                return UnionStatus(kind)
            offset = reader.reference(member, dw.AT_TYPE)
            if offset is None:
                raise reader.info.error(member.offset, "a structure member without a type")
            return UnionStatus(RESERVED, self._source.die(offset), original)
        return UnionStatus(EMPTY)


def location(reader: DieReader, member: Die) -> str:
    """The place of a union around a member: a bit-field is its first bits."""
    place = reader.number(member, dw.AT_DATA_MEMBER_LOCATION)
    bit = reader.number(member, dw.AT_DATA_BIT_OFFSET)
    if place is None and bit is not None:
        place = bit // 8
    return "" if place is None else f" {ATTRIBUTES[dw.AT_DATA_MEMBER_LOCATION]}({place})"


def _name_status(name: str | None) -> tuple[int, str | None]:
    """get_kabi_status: the status, and the old name of a renamed member."""
    if name is not None and name.startswith(PREFIX):
        rest = name[len(PREFIX) :]
        if rest.startswith("reserved"):
            return RESERVED, None
        if rest.startswith("ignored"):
            return IGNORED, None
        if rest.startswith("renamed"):
            return RESERVED, rest[len("renamed") :]
    return NORMAL, None
