"""Rules as C: the macros of scripts/gendwarfksyms/examples/kabi.h."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import Variable, parse
from kabicheck.compare.pair import Pair
from kabicheck.compare.render import spell
from kabicheck.compare.size import size_of
from kabicheck.formats.kabi import (
    BYTE_SIZE,
    DECLONLY,
    ENUMERATOR_IGNORE,
    ENUMERATOR_VALUE,
    MEMBER_IGNORE,
    MEMBER_KINDS,
    MEMBER_REPLACE,
    MEMBER_USE,
    TYPE_STRING,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kabicheck.compare.declaration import Type
    from kabicheck.compare.pair import Field
    from kabicheck.formats.kabi import KabiRule

_RESERVED = re.compile(r"__kabi_reserved_?(\d+)")
_IGNORED = re.compile(r"__kabi_ignored(\d+)")


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro's call, and where it goes: "in struct foo, for n", or behind the type's definition."""

    call: str
    place: str = ""


def macros(rules: Sequence[KabiRule], old: Mapping[str, str], new: Mapping[str, str]) -> list[Macro] | None:
    """Rules for one type as macros; None where a macro cannot say what a rule does.

    old, new: the type strings of an object without --stable, in which `__kabi_*` members have their names.
    """
    if any(rule.rule in MEMBER_KINDS for rule in rules) and any(rule.rule == TYPE_STRING for rule in rules):
        return None  # a type that the object does not describe: the macro would be walked in another way
    calls: list[Macro] = []
    members = [rule for rule in rules if rule.rule in MEMBER_KINDS]
    if members:
        found = _members(members, old, new)
        if found is None:
            return None
        calls += found
    return calls + [_rule(rule) for rule in rules if rule.rule not in MEMBER_KINDS]


def _rule(rule: KabiRule) -> Macro:
    calls = {
        DECLONLY: lambda: f"KABI_DECLONLY({rule.target})",
        ENUMERATOR_IGNORE: lambda: f"KABI_ENUMERATOR_IGNORE({rule.owner}, {rule.member})",
        ENUMERATOR_VALUE: lambda: f"KABI_ENUMERATOR_VALUE({rule.owner}, {rule.member}, {rule.value})",
        BYTE_SIZE: lambda: f"KABI_BYTE_SIZE({rule.target}, {rule.value})",
        TYPE_STRING: lambda: f"KABI_TYPE_STRING({_literal(rule.target)}, {_literal(rule.value)})",
    }
    place = f"in the source of {', '.join(rule.objects[:3])}{', …' * (len(rule.objects) > 3)}"
    return Macro(f"{calls[rule.rule]()};", place if rule.objects else "")


def _members(rules: Sequence[KabiRule], old: Mapping[str, str], new: Mapping[str, str]) -> list[Macro] | None:
    """KABI_IGNORE, KABI_USE and KABI_REPLACE, with the members that share one placeholder in one macro."""
    owner = rules[0].owner
    reference = next((r for r in (f"s#{owner}", f"u#{owner}", f"t#{owner}") if r in old and r in new), "")
    pair = Pair(old.get(reference, ""), new.get(reference, ""))
    before, after = pair.fields
    if any(rule.member not in after or after[rule.member].bit_size is not None for rule in rules):
        return None  # the union of a macro would move a bit-field
    number = 1 + max((int(n) for n in _IGNORED.findall(pair.new_text)), default=-1)
    where = f"in struct {owner}" if reference.startswith("s#") else f"in {owner}"
    calls: list[Macro] = []
    shared: set[str] = set()
    for rule in rules:
        if rule.rule == MEMBER_IGNORE:
            continue
        inside = list(_sharing(rule, rules, after, new))
        shared |= set(inside)
        call = _replacement(rule, [_declared(path, after[path].type) for path in inside], before, after)
        if call is None:
            return None
        calls.append(Macro(call, f"{where}, for {' and '.join(inside)}"))
    for rule in rules:
        if rule.rule == MEMBER_IGNORE and rule.member not in shared:
            declared = _declared(rule.member, after[rule.member].type)
            calls.append(Macro(f"KABI_IGNORE({number}, {declared});", f"{where}, for {rule.member}"))
            number += 1
    return calls


def _sharing(
    rule: KabiRule, rules: Sequence[KabiRule], after: Mapping[str, Field], types: Mapping[str, str]
) -> Iterator[str]:
    """The member that a placeholder stands in for, and the ignored ones behind it that lie within its place."""
    yield rule.member
    kind = parse(rule.value)
    size = None if kind is None or isinstance(kind, Variable) else size_of(kind, types)
    start = after[rule.member].position
    for other in rules:
        if other.rule == MEMBER_IGNORE and start < after[other.member].position < start + 8 * (size or 0):
            yield other.member


def _replacement(
    rule: KabiRule, declared: list[str], before: Mapping[str, Field], after: Mapping[str, Field]
) -> str | None:
    """KABI_USE or KABI_REPLACE with the members that it takes."""
    if rule.rule == MEMBER_REPLACE:
        kind = parse(rule.value)
        if kind is None or isinstance(kind, Variable):
            return None
        return f"KABI_REPLACE({_type_name(kind)}, {rule.name}, {'; '.join(declared)});"
    position = after[rule.member].position
    names = [path for path, found in before.items() if found.position == position]
    number = next(
        (match[1] for name in names if (match := _RESERVED.fullmatch(name.rpartition(".")[2]))), None
    )
    if number is None or rule.rule != MEMBER_USE:
        return None
    match declared:
        case [one]:
            return f"KABI_USE({number}, {one});"
        case [one, two]:
            return f"KABI_USE2({number}, {one}, {two});"
        case _:
            return f"KABI_USE({number}, struct {{ {'; '.join(declared)}; }});"


def _declared(path: str, kind: Type) -> str:
    return spell(kind, path.rpartition(".")[2])


def _type_name(kind: Type) -> str:
    """A type that a name can follow: arrays and functions want the name in their middle, typeof() does not."""
    spelled = spell(kind)
    return f"typeof({spelled})" if "(" in spelled or "[" in spelled else spelled


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
