"""Rules as C: the macros of scripts/gendwarfksyms/examples/kabi.h."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kabicheck.compare.declaration import (
    Aggregate,
    Array,
    Base,
    Function,
    Member,
    Pointer,
    Qualified,
    Reference,
    Variable,
    parse,
)
from kabicheck.compare.pair import Pair
from kabicheck.compare.render import spell
from kabicheck.compare.sizes import size_of
from kabicheck.formats.kabi_rules import (
    ALIGNMENT,
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
    from kabicheck.compare.fields import Field
    from kabicheck.formats.kabi_rules import KabiRule

_RESERVED = re.compile(r"__kabi_reserved_?(\d+)")
_IGNORED = re.compile(r"__kabi_ignored(\d+)")
# What the preprocessor takes for one word, and so can paste to another.
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BASE = re.compile(r"(?!complex )[A-Za-z_][A-Za-z0-9_ ]*")
_UNSIGNED_LONG = frozenset({"long unsigned int", "unsigned long"})  # as gcc and clang call it


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro in a source.

    call: the call itself, with its semicolon.
    place: where it goes, in words, as "in struct foo, for n"; "" for behind the type's definition.
    """

    call: str
    place: str = ""


class _NoMacro(Exception):
    """What a rule says cannot be said with a macro, or the compiler would not take it."""


def macros(rules: Sequence[KabiRule], old: Mapping[str, str], new: Mapping[str, str]) -> list[Macro] | None:
    """Rules for one type as macros; None where no macro says what a rule does, or the compiler would refuse it.

    old, new: the type strings of an object without --stable, in which `__kabi_*` members have their names.
    """
    if any(rule.rule in MEMBER_KINDS for rule in rules) and any(rule.rule == TYPE_STRING for rule in rules):
        return None  # a type that the object does not describe: the macro would be walked in another way
    members = [rule for rule in rules if rule.rule in MEMBER_KINDS]
    try:
        calls = _members(members, old, new) if members else []
        aligned = any(call.call.startswith("KABI_USE_ARRAY") for call in calls)  # which is __aligned(8), too
        others = [
            rule for rule in rules if not (rule.rule in MEMBER_KINDS or (rule.rule == ALIGNMENT and aligned))
        ]
        return calls + [_rule(rule) for rule in others]
    except _NoMacro:
        return None


def _rule(rule: KabiRule) -> Macro:
    """Those that stand at file level; what is no word of C, as Rust's names, no macro can make a string of."""
    if rule.rule == TYPE_STRING:
        if not (rule.target + rule.value).isascii():
            raise _NoMacro
    else:
        _require_words(rule.owner, *[rule.member] * bool(rule.member))
    calls = {
        DECLONLY: lambda: f"KABI_DECLONLY({rule.target})",
        ENUMERATOR_IGNORE: lambda: f"KABI_ENUMERATOR_IGNORE({rule.owner}, {rule.member})",
        ENUMERATOR_VALUE: lambda: f"KABI_ENUMERATOR_VALUE({rule.owner}, {rule.member}, {rule.value})",
        BYTE_SIZE: lambda: f"KABI_BYTE_SIZE({rule.target}, {rule.value})",
        TYPE_STRING: lambda: f"KABI_TYPE_STRING({_literal(rule.target)}, {_literal(rule.value)})",
    }
    if rule.rule not in calls:
        raise _NoMacro
    place = f"in the source of {', '.join(rule.objects[:3])}{', …' * (len(rule.objects) > 3)}"
    return Macro(f"{calls[rule.rule]()};", place if rule.objects else "")


def _members(rules: Sequence[KabiRule], old: Mapping[str, str], new: Mapping[str, str]) -> list[Macro]:
    """KABI_IGNORE, KABI_USE and KABI_REPLACE, with the members that share one placeholder in one macro."""
    owner = rules[0].owner
    _require_words(owner)
    reference = next(
        (name for name in (f"s#{owner}", f"u#{owner}", f"t#{owner}") if name in old and name in new), ""
    )
    pair = Pair(old.get(reference, ""), new.get(reference, ""))
    old_fields, new_fields = pair.fields
    if any(rule.member not in new_fields or new_fields[rule.member].bit_size is not None for rule in rules):
        raise _NoMacro  # the union of a macro would move a bit-field
    number = 1 + max((int(digits) for digits in _IGNORED.findall(pair.new_text)), default=-1)
    where = f"in struct {owner}" if reference.startswith("s#") else f"in {owner}"
    calls: list[Macro] = []
    shared: set[str] = set()
    for rule in rules:
        if rule.rule == MEMBER_IGNORE:
            continue
        inside = list(_sharing(rule, rules, new_fields, new))
        shared |= set(inside)
        declared = [_declared(path, new_fields[path].type) for path in inside]
        call = _replacement(rule, declared, old_fields, new_fields, new)
        calls.append(Macro(call, f"{where}, for {' and '.join(inside)}"))
    for rule in rules:
        if rule.rule == MEMBER_IGNORE and rule.member not in shared:
            ignored = _declared(rule.member, new_fields[rule.member].type)
            calls.append(Macro(f"KABI_IGNORE({number}, {ignored});", f"{where}, for {rule.member}"))
            number += 1
    return calls


def _sharing(
    rule: KabiRule, rules: Sequence[KabiRule], new_fields: Mapping[str, Field], types: Mapping[str, str]
) -> Iterator[str]:
    """The member that a placeholder stands in for, and the ignored ones behind it that lie within its place."""
    yield rule.member
    kind = parse(rule.value)
    size = None if kind is None or isinstance(kind, Variable) else size_of(kind, types)
    start = new_fields[rule.member].position
    end = start + 8 * (size or 0)
    for other in rules:
        if other.rule == MEMBER_IGNORE and start < new_fields[other.member].position < end:
            yield other.member


def _replacement(
    rule: KabiRule,
    declared: list[str],
    old_fields: Mapping[str, Field],
    new_fields: Mapping[str, Field],
    types: Mapping[str, str],
) -> str:
    """KABI_REPLACE, or one of the KABI_USE macros, with the members that it takes."""
    kind = parse(rule.value)
    if kind is None or isinstance(kind, Variable):
        raise _NoMacro
    if rule.rule == MEMBER_REPLACE:
        _require_words(rule.name)
        _require_declarable(kind)
        _require_known(kind, types)
        _require_memory(kind)
        return f"KABI_REPLACE({_type_name(kind)}, {rule.name}, {'; '.join(declared)});"
    position = new_fields[rule.member].position
    names = [path.rpartition(".")[2] for path, found in old_fields.items() if found.position == position]
    number = next((match[1] for name in names if (match := _RESERVED.fullmatch(name))), None)
    if number is None or rule.rule != MEMBER_USE:
        raise _NoMacro
    together = declared[0] if len(declared) == 1 else f"struct {{ {'; '.join(declared)}; }}"
    match kind:
        case Base(name) if name in _UNSIGNED_LONG:
            if len(declared) == 2:
                return f"KABI_USE2({number}, {declared[0]}, {declared[1]});"
            return f"KABI_USE({number}, {together});"
        case Array((int(size),), Base("unsigned char")):
            return f"KABI_USE_ARRAY({number}, {size}, {together});"
    raise _NoMacro  # reserved by other means than the macros


def _declared(path: str, kind: Type) -> str:
    name = path.rpartition(".")[2]
    _require_words(name)
    _require_declarable(kind)
    return spell(kind, name)


def _type_name(kind: Type) -> str:
    """A type that a name can follow: arrays and functions want the name in their middle, typeof() does not."""
    spelled = spell(kind)
    return f"typeof({spelled})" if "(" in spelled or "[" in spelled else spelled


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# --- what the compiler takes ---------------------------------------------------------------------------


def _require_words(*names: str) -> None:
    if not all(_IDENTIFIER.fullmatch(name) for name in names):
        raise _NoMacro


def _require_declarable(kind: Type) -> None:
    """Raise _NoMacro for a type that cannot be spelled as the argument of a macro, and three times in one structure.

    A comma outside parentheses divides arguments, an enumeration cannot be defined twice, what `__aligned()` said of an
    unnamed structure is not spelled, and no union has a flexible array.
    """
    waiting: list[Type] = [kind]
    while waiting:
        match waiting.pop():
            case Array(dimensions, element):
                if None in dimensions or not dimensions:
                    raise _NoMacro
                waiting.append(element)
            case Pointer(inner, _, name):
                if name:
                    raise _NoMacro
                # An array of unknown size may be pointed to.
                waiting.append(inner.element if isinstance(inner, Array) else inner)
            case Qualified(_, inner):
                waiting.append(inner)
            case Function(parameters, result):
                waiting += [*(parameter.type for parameter in parameters), result]
            case Aggregate(_, name, items, _, alignment):
                if name or alignment is not None or not all(isinstance(item, Member) for item in items):
                    raise _NoMacro
                waiting += [item.type for item in items if isinstance(item, Member)]
            case Reference(reference):
                _require_words(reference[2:])
            case Base(name):
                if not _BASE.fullmatch(name):
                    raise _NoMacro
            case _:  # an enumeration that is defined right there, above all
                raise _NoMacro


def _require_known(kind: Type, types: Mapping[str, str]) -> None:
    """Raise _NoMacro for an old type that may not be declared any more; what is only pointed to need not be."""
    waiting: list[tuple[Type, bool]] = [(kind, False)]
    while waiting:
        match waiting.pop():
            case Reference(reference), pointed:
                if not (pointed and reference[0] in "su") and not _is_defined(reference, types):
                    raise _NoMacro
            case Pointer(inner), _:
                waiting.append((inner, True))
            case ((Array(_, inner) | Qualified(_, inner)), pointed):
                waiting.append((inner, pointed))
            case Function(parameters, result), _:
                waiting += [(each, True) for each in (result, *(parameter.type for parameter in parameters))]
            case Aggregate(items=items), _:
                waiting += [(item.type, False) for item in items if isinstance(item, Member)]


def _require_memory(kind: Type) -> None:
    """Raise _NoMacro for an old type on the way through which gendwarfksyms forgets a renamed member's old name.

    Each parameter and member takes it away (kabi.orig_name). What lies behind references, rules outside the source
    forget just as macros do.
    """
    waiting: list[Type] = [kind]
    while waiting:
        match waiting.pop():
            case Function(parameters, result):
                if parameters:
                    raise _NoMacro
                waiting.append(result)
            case Aggregate():
                raise _NoMacro
            case Pointer(inner) | Array(_, inner) | Qualified(_, inner):
                waiting.append(inner)


def _is_defined(reference: str, types: Mapping[str, str]) -> bool:
    text = types.get(reference, "")
    return bool(text) and (reference.startswith("t#") or "byte_size(" in text)
