"""All rules, in the order in which a summary names what they found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.rules import (
    alignment,
    became_declared,
    became_defined,
    bit_field,
    bits_in_use,
    const_safe,
    const_unsafe,
    enumerator_added,
    enumerator_removed,
    enumerator_renamed,
    enumerator_value,
    export_added,
    export_moved,
    export_removed,
    flexible_array,
    kind,
    licence_relaxed,
    licence_restricted,
    lost_comma,
    member_added,
    member_grouped,
    member_in_hole,
    member_moved,
    member_overlaid,
    member_removed,
    member_renamed,
    member_type,
    names_only,
    namespace_added,
    namespace_changed,
    namespace_narrowed,
    namespace_removed,
    namespace_respelled,
    namespace_widened,
    order_only,
    parameter_added,
    parameter_moved,
    parameter_removed,
    parameter_type,
    reserve_used,
    return_type,
    size,
    type_attributes,
    type_respelled,
    type_text,
    typedef_type,
    unversioned,
    variable_type,
    version_only,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kabicheck.compare.pair import Pair
    from kabicheck.compare.rules.rule import Rule
    from kabicheck.model import ExportChange, Severity

# Over two versions of a declaration.
TYPE_RULES: tuple[Rule[Pair], ...] = (
    lost_comma.RULE,
    type_text.RULE,
    kind.RULE,
    became_declared.RULE,
    became_defined.RULE,
    names_only.RULE,
    return_type.RULE,
    parameter_added.RULE,
    parameter_removed.RULE,
    parameter_type.RULE,
    parameter_moved.RULE,
    variable_type.RULE,
    typedef_type.RULE,
    type_respelled.RULE,
    const_unsafe.RULE,
    const_safe.RULE,
    member_added.RULE,
    member_in_hole.RULE,
    bits_in_use.RULE,
    member_overlaid.RULE,
    reserve_used.RULE,
    member_grouped.RULE,
    member_removed.RULE,
    member_renamed.RULE,
    member_type.RULE,
    flexible_array.RULE,
    bit_field.RULE,
    enumerator_added.RULE,
    enumerator_removed.RULE,
    enumerator_renamed.RULE,
    enumerator_value.RULE,
    order_only.RULE,
    size.RULE,
    member_moved.RULE,
    alignment.RULE,
    type_attributes.RULE,
)

# Over what happened to an export.
EXPORT_RULES: tuple[Rule[ExportChange], ...] = (
    export_removed.RULE,
    export_added.RULE,
    export_moved.RULE,
    namespace_added.RULE,
    namespace_removed.RULE,
    namespace_changed.RULE,
    namespace_narrowed.RULE,
    namespace_widened.RULE,
    namespace_respelled.RULE,
    licence_restricted.RULE,
    licence_relaxed.RULE,
    unversioned.RULE,
    version_only.RULE,
)


def _by_id(rules: Iterable[Rule[Pair] | Rule[ExportChange]]) -> dict[str, Rule[Pair] | Rule[ExportChange]]:
    return {rule.id: rule for rule in rules}


RULES = _by_id((*TYPE_RULES, *EXPORT_RULES))


def severity(rule_id: str) -> Severity:
    """A rule's severity where nothing else is configured. Raises KeyError for an id that is no rule's."""
    return RULES[rule_id].severity


def mirror(rule_id: str) -> str:
    """The rule that holds when old and new are swapped, or a milder one. Raises KeyError for what is no rule's id."""
    return RULES[rule_id].mirror or rule_id


def plain(rule_id: str) -> str:
    """The rule that says the same without a milder one's condition. Raises KeyError for what is no rule's id."""
    return RULES[rule_id].milder_than or rule_id
