"""What the rules mean that found something, for readers who do not have `kabicheck explain` at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kabicheck.model import Comparison, RuleText


def rule_texts(comparison: Comparison) -> tuple[RuleText, ...]:
    """The texts of all rules that found something in a comparison, each once, in the order of what they found."""
    findings = [cause.findings for cause in comparison.causes.values()]
    findings += [change.findings for change in comparison.changes]
    findings += [hidden.findings for hidden in comparison.hidden]
    ids = dict.fromkeys(finding.rule for each in findings for finding in each)
    if not ids:
        return ()
    from kabicheck.compare.rules.table import RULES
    from kabicheck.model import RuleText

    return tuple(RuleText(rule, RULES[rule].severity, RULES[rule].text) for rule in ids if rule in RULES)
