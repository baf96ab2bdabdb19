"""What the rules say of a pair of type strings and of an export's change, and that in a few words."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kabicheck.compare.failing import fails
from kabicheck.compare.pair import Pair
from kabicheck.compare.rules import type_text
from kabicheck.compare.rules.table import EXPORT_RULES, TYPE_RULES
from kabicheck.compare.surroundings import UNKNOWN, Surroundings
from kabicheck.model import Finding, worst

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kabicheck.model import Cause, ExportChange


def classify(
    subject: str, old_text: str, new_text: str, around: Surroundings = UNKNOWN
) -> tuple[Finding, ...]:
    """Every rule's findings; for two strings that differ never none. "" stands for a type that is not known.

    subject: the type reference or export that the strings belong to; around: the object's other type strings.
    """
    pair, alone = _alone(subject, old_text, new_text)
    pair = pair.within(around)
    found: list[Finding] = []
    for rule, known in zip(TYPE_RULES, alone, strict=True):
        found += rule.findings(subject, pair) if known is None else known
    if found or old_text == new_text:
        return tuple(found)
    return (Finding(type_text.RULE.id, type_text.RULE.severity, subject, "type string changed"),)


@lru_cache(maxsize=512)  # most objects show the same causes
def _alone(subject: str, old_text: str, new_text: str) -> tuple[Pair, tuple[tuple[Finding, ...] | None, ...]]:
    """A pair, and of each of TYPE_RULES the findings if it asks for nothing else, None if it does."""
    pair = Pair(old_text, new_text, Surroundings(subject))
    found = tuple(None if rule.looks_around else tuple(rule.findings(subject, pair)) for rule in TYPE_RULES)
    pair.prepare()
    return pair, found


def classify_export(change: ExportChange) -> tuple[Finding, ...]:
    """What the rules for exports say; nothing of a version whose causes say it."""
    return tuple(finding for rule in EXPORT_RULES for finding in rule.findings(change.name, change))


def summarize(findings: Iterable[Finding]) -> str:
    """The findings of one pair of declarations in a few words: "member type changed, layout changed"."""
    details: dict[str, list[str]] = {}
    for finding in findings:
        details.setdefault(finding.rule, []).append(finding.detail)
    return ", ".join(
        rule.summary(details[rule.id])
        for rule in TYPE_RULES
        if rule.id in details and not rule.said_by & details.keys()
    )


def graded(change: ExportChange, causes: Mapping[str, Cause]) -> ExportChange:
    """A change whose causes are known, with its findings, its severity, and whether it fails by that."""
    findings = classify_export(change)
    severities = [finding.severity for finding in findings]
    severities += [causes[key].severity for key in change.causes]
    severity = worst(severities)
    return replace(change, findings=findings, severity=severity, fails=fails(severity))
