"""kABI rules that keep the versions of two sides, each proven, as plain data for whoever shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.formats.kabi_rules import write_rules
from kabicheck.model import ChangeKind, MacroCall, Suggestion, Suggestions
from kabicheck.remedy.macro import macros
from kabicheck.remedy.proof import all_rules, find_remedies

if TYPE_CHECKING:
    from kabicheck.pipeline.remedies import ObjectsUnderRules
    from kabicheck.remedy.proof import Remedy


def suggest(sides: ObjectsUnderRules) -> Suggestions:
    """Look for rules against every cause of a changed version, without any limit of time.

    sides: Both sides. Raises KabicheckError for an object that cannot be read.
    """
    comparison = sides.compare(())
    remedies = find_remedies(comparison, sides)
    changed = {(c.object, c.name) for c in comparison.changes if c.kind is ChangeKind.VERSION}
    lost = {export for remedy in remedies if remedy.refused for export in remedy.cause.exports}
    rules = all_rules(remedies)
    return Suggestions(
        each=tuple(_suggestion(remedy, sides) for remedy in remedies),
        compared=comparison.compared,
        changed=len(changed),
        kept=len(changed - lost),
        rules=len(rules),
        tables=write_rules(rules),
    )


def _suggestion(remedy: Remedy, sides: ObjectsUnderRules) -> Suggestion:
    if remedy.refused:
        return Suggestion(remedy.cause, refused=remedy.refused)
    calls = macros(remedy.rules, *sides.plain_types(remedy.cause.exports[0][0]))
    return Suggestion(
        remedy.cause,
        cautions=remedy.cautions,
        calls=None if calls is None else tuple(MacroCall(macro.call, macro.place) for macro in calls),
        tables=write_rules(remedy.rules),
    )
