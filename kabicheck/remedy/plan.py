"""The rules that may give one changed type its old version back, the smallest first; or why none is safe.

A rule hides a change from the version, and from nobody else: it is offered only where all that was there before is
still at its place. Whether it does give the version back is for `proof` to find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Aggregate, Enumeration, Function, Typedef, Variable
from kabicheck.compare.pair import Pair
from kabicheck.formats.kabi import DECLONLY, TYPE_STRING, KabiRule
from kabicheck.formats.symtypes import is_reference, referenced_name, references
from kabicheck.remedy.enumerators import enumerator_rules
from kabicheck.remedy.growth import who_minds
from kabicheck.remedy.members import member_rules
from kabicheck.remedy.unsafe import Unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Rules = tuple[KabiRule, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """alternatives: sets of rules to try in this order; refused: why there is none; cautions: what must hold;
    grows: the type has another size now.
    """

    alternatives: tuple[Rules, ...] = ()
    refused: str = ""
    cautions: tuple[str, ...] = ()
    grows: bool = False


def plan(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> Plan:
    """What may hide the change of a type reference or an export. old, new: type strings of one object."""
    old_text, new_text = old.get(name, ""), new.get(name, "")
    pair = Pair(old_text, new_text)
    try:
        rules, cautions = _rules(name, pair, old, new)
    except Unsafe as reason:
        return Plan(refused=str(reason))
    alternatives: list[Rules] = []
    for chosen in (rules, (KabiRule(TYPE_STRING, name, old_text),)):
        if chosen:
            alternatives += [chosen, (*chosen, *_undescribed(chosen, old, new))]
    grows = None not in pair.sizes and pair.sizes[0] != pair.sizes[1]
    return Plan(tuple(dict.fromkeys(alternatives)), cautions=cautions, grows=grows)


def _rules(
    name: str, pair: Pair, old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[Rules, tuple[str, ...]]:
    """The rules of the kind that fits, none where only a type string may; and cautions. Raises Unsafe."""
    owner = referenced_name(name) if is_reference(name) else ""
    if not pair.old_text or not pair.new_text:
        raise Unsafe("the type is not known on both sides")
    if pair.became_visible:
        return (KabiRule(DECLONLY, owner),), ()
    if pair.became_hidden:
        raise Unsafe("only a declaration is in sight now: include the header that defines it again")
    unnamed = isinstance(pair.old, Aggregate | Enumeration) and not pair.old.name
    match pair.old, pair.new:
        case (Aggregate(), Aggregate()) if owner:
            rules, cautions = member_rules(owner, pair, old, new, sized=not unnamed)
            if pair.sizes[0] != pair.sizes[1] and (who := who_minds(name, new)):
                raise Unsafe(f"it grows, and {who}")
            return rules, cautions
        case (Enumeration(), Enumeration()) if owner:
            rules = enumerator_rules(owner, pair)
            return () if unnamed else rules, ()
    if pair.same_but_names or pair.same_but_order:
        return (), ()
    raise Unsafe(_changed(pair))


def _changed(pair: Pair) -> str:
    match pair.old:
        case Function():
            return "callers pass or get something else"
        case Variable():
            return "it is of another type"
        case Typedef():
            return "it stands for another type"
        case _:
            return "it is another kind of type"


def _undescribed(
    rules: Sequence[KabiRule], old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[KabiRule]:
    """Type strings for the types that the rules refer to and that the new side does not reach."""
    waiting = [reference for rule in rules for reference in references(rule.value)]
    seen = set(waiting)
    while waiting:
        reference = waiting.pop(0)
        if reference in new or reference not in old:
            continue
        yield KabiRule(TYPE_STRING, reference, old[reference])
        inner = [each for each in references(old[reference]) if each not in seen]
        waiting += inner
        seen.update(inner)
