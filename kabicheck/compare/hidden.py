"""What kABI rules hide: differences that are there without them, and that a comparison under them does not show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.compare.classify import classify, summarize
from kabicheck.compare.surroundings import Surroundings
from kabicheck.model import Hidden, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from kabicheck.model import Cause


def hidden_by_rules(
    causes: Iterable[Cause],
    old: Mapping[str, str],
    new: Mapping[str, str],
    rules_for: Callable[[str], tuple[str, ...]],
    shown: Container[str],
) -> Iterator[Hidden]:
    """What of an object's causes without rules is not to be seen under them.

    Other types than the causes may differ under rules as well, and be of no export's version, where a type string
    stands for what mentioned them.

    old, new: The object's type strings under rules.
    rules_for: Says what hides a type reference or an export, in words.
    shown: The references of the causes that are found under rules.
    """
    for cause in causes:
        name = cause.reference
        if not name:
            continue  # no type differs
        old_text, new_text = old.get(name, ""), new.get(name, "")
        findings = cause.findings
        if old_text != new_text and name in shown:
            visible = classify(name, old_text, new_text, Surroundings(name, old, new))
            said = {(finding.rule, finding.detail) for finding in visible}
            findings = tuple(finding for finding in findings if (finding.rule, finding.detail) not in said)
        if findings:
            yield Hidden(
                reference=name,
                title=cause.title,
                summary=summarize(findings) or cause.summary,
                findings=findings,
                by=rules_for(name),
                exports=cause.exports,
                old_location=cause.old_location,
                new_location=cause.new_location,
            )


def merged(hidden: Iterable[Hidden]) -> tuple[Hidden, ...]:
    """What several objects hide of one type in the same words is told once, the worst first."""
    found: dict[tuple[object, ...], Hidden] = {}
    exports: dict[tuple[object, ...], set[tuple[str, str]]] = {}
    for each in hidden:
        key = each.reference, each.summary, each.severity, each.by
        found.setdefault(key, each)
        exports.setdefault(key, set()).update(each.exports)
    whole = [replace(each, exports=tuple(sorted(exports[key]))) for key, each in found.items()]
    return tuple(sorted(whole, key=_worst_first))


def _worst_first(each: Hidden) -> tuple[int, int, str, tuple[str, ...]]:
    return list(Severity).index(each.severity), -len(each.exports), each.reference, each.by
