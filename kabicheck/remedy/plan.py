"""The rules that may give one changed type its old version back, the smallest first; or why none is safe.

A rule hides a change from the version, and from nobody else. So it is offered where the change is incompatible for the
loader only, and hardly ever where it is breaking: for reserved members that are taken into use, for an end marker that
moves on behind new enumerators, and for what grows or gets members and only the kernel makes. What an old module does
then is said. Whether the version comes back is for `proof` to find out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.classify import classify
from kabicheck.compare.declaration import Aggregate, Enumeration, Function, Typedef, Variable
from kabicheck.compare.pair import Pair
from kabicheck.compare.surroundings import Surroundings
from kabicheck.compare.usage import is_table, points_to_function
from kabicheck.formats.kabi_rules import DECLONLY, TYPE_STRING, KabiRule
from kabicheck.formats.symtypes import is_reference, referenced_name, references
from kabicheck.model import Severity
from kabicheck.remedy.enumerators import enumerator_rules
from kabicheck.remedy.growth import is_handed_out, who_minds
from kabicheck.remedy.members import ADDED, GROWN, member_rules, spell_owner
from kabicheck.remedy.unsafe import Unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.model import Finding

Rules = tuple[KabiRule, ...]

# What members and sizes have to say is looked at member by member, as far as that goes.
_BY_MEMBERS = frozenset(
    {"alignment", "member-added", "member-moved", "member-removed", "member-renamed", "size"}
)
# What leaves every old member where it was, and of the type that it was, with nothing new beside it.
_ONLY_WORDS = frozenset({"flexible-array", "member-grouped", "names-only", "order-only", "type-respelled"})
NAMES = "the new names must mean what the old ones meant"
_BY_ENUMERATORS = frozenset({"enumerator-added", "enumerator-value"})


@dataclass(frozen=True, slots=True)
class RemedyPlan:
    """What may be tried against one cause.

    alternatives: the sets of rules to try, in this order.
    refused: why there is none, in words for the user; "" where there are some.
    cautions: sentences that say what has to hold for the rules to be safe.
    grows: whether the type has another size on the new side.
    """

    alternatives: tuple[Rules, ...] = ()
    refused: str = ""
    cautions: tuple[str, ...] = ()
    grows: bool = False


def plan_remedy(
    name: str, old: Mapping[str, str], new: Mapping[str, str], findings: Sequence[Finding] = ()
) -> RemedyPlan:
    """What may hide the change of a type reference or an export. old, new: type strings of one object.

    findings: what is said of the change in all objects that show it; without, what these two sides say.
    """
    old_text, new_text = old.get(name, ""), new.get(name, "")
    around = Surroundings(name, old, new)
    pair = Pair(old_text, new_text, around)
    findings = findings or classify(name, old_text, new_text, around)
    try:
        rules, cautions = _rules(name, pair, old, new, findings)
    except Unsafe as reason:
        return RemedyPlan(refused=str(reason))
    alternatives: list[Rules] = []
    for chosen in (rules, (KabiRule(TYPE_STRING, name, old_text),)):
        if chosen:
            alternatives += [chosen, (*chosen, *_undescribed(chosen, old, new))]
    grows = None not in pair.sizes and pair.sizes[0] != pair.sizes[1]
    said = _SAID_BY_RULES if cautions else frozenset()
    cares = (finding.care for finding in findings if finding.care and finding.rule not in said)
    cautions = tuple(dict.fromkeys((*cautions, *cares)))
    return RemedyPlan(tuple(dict.fromkeys(alternatives)), cautions=cautions, grows=grows)


# What these take care of, the cautions of the rules say with the members' names.
_SAID_BY_RULES = frozenset({"member-added", "member-in-hole"})


def _rules(
    name: str,
    pair: Pair,
    old: Mapping[str, str],
    new: Mapping[str, str],
    findings: Sequence[Finding],
) -> tuple[Rules, tuple[str, ...]]:
    """The rules of the kind that fits, none where only a type string may; and cautions. Raises Unsafe."""
    owner = referenced_name(name) if is_reference(name) else ""
    if not pair.old_text or not pair.new_text:
        raise Unsafe("the type is not known on both sides")
    if pair.became_hidden:
        raise Unsafe("only a declaration is in sight now: include the header that defines it again")
    breaking = [finding for finding in findings if finding.severity is Severity.BREAKING]
    if pair.became_visible:
        _require_known(breaking)
        return (KabiRule(DECLONLY, owner),), ()
    unnamed = isinstance(pair.old, Aggregate | Enumeration) and not pair.old.name
    match pair.old, pair.new:
        case (Aggregate(), Aggregate()) if owner:
            only_words = bool(findings) and {finding.rule for finding in findings} <= _ONLY_WORDS
            return _of_members(name, pair, old, new, breaking, only_words=only_words)
        case (Enumeration(), Enumeration()) if owner:
            rules, cautions = enumerator_rules(owner, pair, old, new)
            moved = any(finding.rule == "enumerator-value" for finding in breaking)
            if cautions and not moved and any(finding.rule == "enumerator-added" for finding in breaking):
                raise Unsafe(cautions[0])
            _require_known(breaking, _BY_ENUMERATORS if moved else frozenset())
            return () if unnamed else rules, cautions
    if breaking or not findings:
        raise Unsafe(_changed(pair))
    return (), ()


def _of_members(
    name: str,
    pair: Pair,
    old: Mapping[str, str],
    new: Mapping[str, str],
    breaking: Sequence[Finding],
    *,
    only_words: bool,
) -> tuple[Rules, tuple[str, ...]]:
    """What hides a change of members, where an old module does not notice it either. Raises Unsafe.

    only_words: the findings are of those that leave each member as it was, so that all of it may be hidden.
    """
    assert isinstance(pair.old, Aggregate)
    owner = referenced_name(name)
    try:
        found = member_rules(owner, pair, old, new, sized=bool(pair.old.name))
    except Unsafe:
        if only_words:
            # The type string can say what no rule for a member can.
            return (), (NAMES,) * bool(pair.matched_fields.renamed)
        raise
    cautions = found.cautions
    if found.grown or (found.added and breaking):
        what = "it grows" if found.grown else f"{found.added[0]} is new in it"
        sides = zip(pair.fields, (old, new), strict=True)
        if any(is_table([field.type for field in fields.values()], types) for fields, types in sides):
            raise Unsafe(f"{what}, and it is a table of functions that modules fill in")
        if who := who_minds(name, old, new):
            raise Unsafe(f"{what}, and {who}")
        if found.grown and not is_handed_out(name, old):
            raise Unsafe(
                f"{what}, and nothing here shows that the kernel alone makes it: no export returns one"
            )
    for path in found.added:
        if points_to_function(pair.fields[1][path].type, new):
            raise Unsafe(f"the kernel may call {path}, which modules built before do not set")
        if why := pair.placement.minded.get(path):
            raise Unsafe(f"{path} is new in it, and {why}")
    if found.added and not found.grown:
        cautions += (ADDED.format(" and ".join(found.added), spell_owner(owner, pair)),)
    if found.grown:
        cautions += (GROWN.format(owner),)
    _require_known(breaking, _BY_MEMBERS)
    return found.rules, cautions


def _require_known(breaking: Sequence[Finding], excepted: frozenset[str] = frozenset()) -> None:
    """Raise Unsafe where a rule of the comparison says that old modules break, and nothing here looked at that."""
    for finding in breaking:
        if finding.rule not in excepted:
            raise Unsafe(f"modules built before break ({finding.rule}): {finding.detail}")


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
