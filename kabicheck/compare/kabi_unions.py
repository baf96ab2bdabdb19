"""The unions that kABI macros make, shown as what they are: the new members, and a remark on what they stand for.

union {                                                 void *p; /* in reserved slot 0 */
        void *p;
        struct { unsigned long __kabi_reserved0; };
        union { };
};
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Member
from kabicheck.compare.fields import IGNORED, KEPT_IN, RENAMED, RESERVED, slot_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kabicheck.compare.declaration import Item


def unfolded(member: Member) -> tuple[list[Member], str] | None:
    """The real members of a macro's union, at their places in what is around it, and the remark; None for others."""
    union = member.type
    if member.name or not isinstance(union, Aggregate) or union.keyword != "union" or not union.byte_size:
        return None
    remark, real = "", list[Member]()
    for item in _members(union.items):
        if found := _remark(item):
            remark = remark or found
        elif not _is_empty(item):
            real.append(item)
    if not remark or not real:
        return None
    return [each for item in real for each in _opened(item, member.offset or 0)], remark


def _remark(member: Member, *, kept: bool = False) -> str:
    """What a union is there for, if this member says so: by its name, or by that of the only one in it."""
    name = member.name
    if RESERVED.fullmatch(name):
        return f"in {slot_name(name) or 'reserved space'}"
    if IGNORED.fullmatch(name):
        return "not in the version"
    if renamed := RENAMED.fullmatch(name):
        return f"instead of {renamed[1]}"
    if kept and name:
        return f"instead of {name}"
    match member.type:
        case Aggregate("struct", _, (Member() as only,)) if not name or KEPT_IN.fullmatch(name):
            return _remark(only, kept=bool(name))
    return ""


def _is_empty(member: Member) -> bool:
    """What only holds static assertions."""
    return isinstance(member.type, Aggregate) and not member.type.items and not member.type.byte_size


def _opened(member: Member, start: int) -> Iterator[Member]:
    """A member at its place, or those of the unnamed structure that a macro put around several."""
    place = start + (member.offset or 0)
    if not member.name and isinstance(member.type, Aggregate) and member.type.keyword == "struct":
        for inner in _members(member.type.items):
            yield from _opened(inner, place)
    elif member.bit_offset is None:
        yield Member(member.type, member.name, place, member.bit_size)
    else:
        yield Member(member.type, member.name, None, member.bit_size, 8 * start + member.bit_offset)


def _members(items: Sequence[Item]) -> Iterator[Member]:
    return (item for item in items if isinstance(item, Member))
