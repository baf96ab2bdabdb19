"""kABI rules outside the source: which of them one object is given, and whether what they say makes sense there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.errors import UsageError
from kabicheck.formats.kabi_rules import KINDS, TYPE_STRING, split_type
from kabicheck.formats.symtypes import is_reference, referenced_name
from kabicheck.symver.names import may_mention
from kabicheck.symver.rules import as_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.symver.rules import Rules
    from kabicheck.symver.types import TypeStrings


def rules_for(
    info: DebugInfo, path: str, exports: Collection[str], rules: Sequence[KabiRule]
) -> tuple[KabiRule, ...]:
    """The rules for an object: none where it has no name that one of them is about, which spares a closer look.

    A type that only another rule mentions is in no object, so it is all of them or none.
    """
    covering = tuple(rule for rule in rules if rule.covers(path))
    return covering if any(_is_about(rule, info, exports) for rule in covering) else ()


def _is_about(rule: KabiRule, info: DebugInfo, exports: Collection[str]) -> bool:
    name = rule.owner
    if rule.rule == TYPE_STRING:
        if not is_reference(name):
            return as_bytes(name) in exports
        name = referenced_name(name)
    return may_mention(info, as_bytes(name).rpartition("::")[2])


def require_references(rules: Rules, strings: TypeStrings) -> None:
    """Raise UsageError where a rule that was used refers to a type that is not there, with the rule's place."""
    checked: set[KabiRule] = set()
    while unchecked := rules.used - checked:  # a type that only a rule describes makes that one used
        checked |= unchecked
        for rule in unchecked:
            if KINDS[rule.rule].value is str:
                _require_references(rule, rules.path, strings)


def _require_references(rule: KabiRule, path: str, strings: TypeStrings) -> None:
    for _, reference in split_type(as_bytes(rule.value)):
        try:
            if reference:
                strings.parts[reference.encode("latin-1")]
        except KeyError:
            raise UsageError(
                f"{rule.place}: value: {path} has no type {reference}",
                hint="give that one a type_string rule, or say with objects which objects this rule is for",
            ) from None
