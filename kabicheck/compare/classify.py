"""What differs between two versions of a declaration, in plain words: one function per fact.

A fact looks at a pair of declarations and returns a phrase, or "" where it does not hold. FACTS is their
order in a summary: "member type changed, layout changed".
"""

from __future__ import annotations

from collections.abc import Callable
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Enumeration, Function, Typedef, Variable, parse
from kabicheck.compare.pair import Pair, nameless_type
from kabicheck.formats.symtypes import words

if TYPE_CHECKING:
    from kabicheck.compare.declaration import Declaration

Fact = Callable[[Pair], str]

# Matching is quadratic; no real function has more parameters.
_MOST_PARAMETERS = 500


def summarize(old_text: str, new_text: str) -> str:
    """The facts about two type strings that differ, never empty. "" stands for a type that is not known."""
    if not old_text or not new_text:
        return f"not known on the {'new' if old_text else 'old'} side"
    if words(old_text) == words(new_text):
        # See _LOST_COMMA in kabicheck.formats.symtypes.
        return "a list comma that gendwarfksyms loses, depending on which other symbols are exported"
    old, new = parse(old_text), parse(new_text)
    if old is None or new is None:
        return "type string changed"
    pair = Pair(old, new)
    return ", ".join(filter(None, (fact(pair) for fact in FACTS))) or "type attributes changed"


def kind_changed(pair: Pair) -> str:
    """A structure became a union, a function a variable."""
    old, new = _kind(pair.old), _kind(pair.new)
    return "" if old == new else f"{old} became {new}"


def visibility_changed(pair: Pair) -> str:
    """The definition went out of sight or came into it; the layout need not have changed."""
    if not isinstance(pair.old, Aggregate | Enumeration) or not isinstance(pair.new, Aggregate | Enumeration):
        return ""
    match pair.sizes:
        case int(), None:
            return "became a declaration"
        case None, int():
            return "became defined"
    return ""


def names_only(pair: Pair) -> str:
    """Names of members, parameters or enumerators: the version changes, the binary layout does not."""
    return "only names changed" if pair.old != pair.new and pair.same_but_names else ""


def return_type_changed(pair: Pair) -> str:
    """A function returns another type."""
    match pair.old, pair.new:
        case Function(_, old), Function(_, new) if nameless_type(old) != nameless_type(new):
            return "return type changed"
    return ""


def parameters_changed(pair: Pair) -> str:
    """Parameters were added, removed, or got another type."""
    match pair.old, pair.new:
        case Function(parameters, _), Function(new_parameters, _):
            old = [nameless_type(p.type) for p in parameters]
            new = [nameless_type(p.type) for p in new_parameters]
        case _:
            return ""
    if max(len(old), len(new)) > _MOST_PARAMETERS:
        return "" if old == new else "parameters changed"
    added = removed = retyped = 0
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            retyped += min(i2 - i1, j2 - j1)
            added += max(0, (j2 - j1) - (i2 - i1))
            removed += max(0, (i2 - i1) - (j2 - j1))
    phrases = (
        _counted(added, "parameter added", "parameters added"),
        _counted(removed, "parameter removed", "parameters removed"),
        _counted(retyped, "parameter type changed", "parameter types changed"),
    )
    return ", ".join(filter(None, phrases))


def variable_type_changed(pair: Pair) -> str:
    """An exported variable has another type."""
    match pair.old, pair.new:
        case Variable(old), Variable(new) if nameless_type(old) != nameless_type(new):
            return "variable type changed"
    return ""


def typedef_changed(pair: Pair) -> str:
    """A typedef stands for another type."""
    match pair.old, pair.new:
        case Typedef(_, old), Typedef(_, new) if nameless_type(old) != nameless_type(new):
            return "type changed"
    return ""


def members_added(pair: Pair) -> str:
    """New members, also in anonymous structures and unions."""
    return "" if _one_side_hidden(pair) else _counted(pair.member_counts[0], "member added", "members added")


def members_removed(pair: Pair) -> str:
    """Members that are no more."""
    if _one_side_hidden(pair):
        return ""
    return _counted(pair.member_counts[1], "member removed", "members removed")


def members_renamed(pair: Pair) -> str:
    """Members of the same type at the same place under another name, beside other changes."""
    if pair.same_but_names:
        return ""
    return _counted(pair.member_counts[2], "member renamed", "members renamed")


def member_types_changed(pair: Pair) -> str:
    """Members of the same name and another type."""
    changed = sum(nameless_type(old.type) != nameless_type(new.type) for old, new in pair.common_members)
    return _counted(changed, "member type changed", "member types changed")


def enumerators_added(pair: Pair) -> str:
    """New enumerators."""
    if _one_side_hidden(pair):
        return ""
    return _counted(pair.enumerator_counts[0], "enumerator added", "enumerators added")


def enumerators_removed(pair: Pair) -> str:
    """Enumerators that are no more."""
    if _one_side_hidden(pair):
        return ""
    return _counted(pair.enumerator_counts[1], "enumerator removed", "enumerators removed")


def enumerator_values_changed(pair: Pair) -> str:
    """Enumerators of the same name and another value."""
    old, new = pair.enumerators
    changed = sum(value != new[name] for name, value in old.items() if name in new)
    return _counted(changed, "enumerator value changed", "enumerator values changed")


def order_changed(pair: Pair) -> str:
    """The same members or enumerators, at the same places, in another order (of a union, an enumeration)."""
    match pair.old, pair.new:
        case (Aggregate(items=old), Aggregate(items=new)):
            return "order changed" if old != new and set(old) == set(new) else ""
        case (Enumeration(enumerators=values), Enumeration(enumerators=new_values)):
            return "order changed" if values != new_values and set(values) == set(new_values) else ""
    return ""


def size_changed(pair: Pair) -> str:
    """Another size in bytes."""
    old, new = pair.sizes
    return f"size {old} → {new}" if old is not None and new is not None and old != new else ""


def layout_changed(pair: Pair) -> str:
    """Members at another place or of another width, where the size does not say it already."""
    moved = any(
        (old.offset, old.bit_offset, old.bit_size) != (new.offset, new.bit_offset, new.bit_size)
        for old, new in pair.common_members
    )
    return "layout changed" if moved and not size_changed(pair) else ""


def alignment_changed(pair: Pair) -> str:
    """Another explicit alignment."""
    old, new = getattr(pair.old, "alignment", None), getattr(pair.new, "alignment", None)
    return "alignment changed" if old != new and not _one_side_hidden(pair) else ""


FACTS: tuple[Fact, ...] = (
    kind_changed,
    visibility_changed,
    names_only,
    return_type_changed,
    parameters_changed,
    variable_type_changed,
    typedef_changed,
    members_added,
    members_removed,
    members_renamed,
    member_types_changed,
    enumerators_added,
    enumerators_removed,
    enumerator_values_changed,
    order_changed,
    size_changed,
    layout_changed,
    alignment_changed,
)


def _one_side_hidden(pair: Pair) -> bool:
    """One side is a declaration: that says it all, members did not come or go."""
    return bool(visibility_changed(pair))


def _counted(count: int, one: str, many: str) -> str:
    return "" if count <= 0 else one if count == 1 else f"{count} {many}"


def _kind(declaration: Declaration) -> str:
    match declaration:
        case Aggregate(keyword):
            return keyword
        case Function():
            return "function"
        case Variable():
            return "variable"
        case Enumeration():
            return "enum"
        case _:
            return "type"
