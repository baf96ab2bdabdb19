"""`__kabi_*` members: unions that hide a change from a version (dwarf.c: get_union_kabi_status)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from kabicheck.dwarf import constants as dw

if TYPE_CHECKING:
    from kabicheck.dwarf.die import Die, DieReader

PREFIX = "__kabi_"
EMPTY, NORMAL, RESERVED, IGNORED = 0, 1, 2, 3  # enum kabi_status; 0: a structure without members


class UnionStatus(NamedTuple):
    """What a union stands for. placeholder: the type that is versioned instead; original: the member's old name."""

    kind: int
    placeholder: Die | None = None
    original: str | None = None


class DieSource(Protocol):
    """Where DIEs come from."""

    def die(self, offset: int) -> Die:
        """The DIE at an offset."""

    def reader(self, offset: int) -> DieReader:
        """The reader of the unit that holds an offset."""


def is_kabi_name(name: str | None) -> bool:
    """is_kabi_prefix."""
    return name is not None and name.startswith(PREFIX)


class KabiMembers:
    """Answers for unions, each looked at once."""

    def __init__(self, source: DieSource) -> None:
        self._source = source
        self._known: dict[int, UnionStatus] = {}

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
