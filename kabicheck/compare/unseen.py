"""Definitions that came into sight, or went out of it: whether what they define changed as well.

Where an object sees a definition on one side only, it cannot tell whether that is what it was when nobody saw it.
Other objects can, which see it on both sides, and so can a build on the way, which saw it earlier or later. What
differs there is found by the same rules as any difference, and counts as the declaration's own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from kabicheck.compare.classify import classify, summarize
from kabicheck.compare.declaration import Aggregate, Enumeration, parse
from kabicheck.compare.followers import followers
from kabicheck.compare.reach import by_distance
from kabicheck.compare.rules import became_declared, became_defined
from kabicheck.compare.surroundings import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kabicheck.model import Cause, DescribedSide, Finding

    Types = Mapping[str, str]

# So many objects are read again for what they see of a definition; each takes as long as comparing it.
MOST_OBJECTS = 24
NOT_READ = (
    f"nothing here shows how it was defined where it was out of sight: what other objects see of it was looked up for "
    f"{MOST_OBJECTS} objects, and not for {{}}; if differently, modules that include its header break"
)
CHANGED_UNSEEN = "what it defines changed as well, and a declaration would hide that"

_DEFINED, _DECLARED = became_defined.RULE.id, became_declared.RULE.id


def took_form(cause: Cause) -> bool:
    """Whether a definition came into sight, or went out of it."""
    return any(finding.rule in (_DEFINED, _DECLARED) for finding in cause.findings)


def changed_unseen(cause: Cause) -> bool:
    """Whether it is known that what was out of sight on one side changed as well."""
    return took_form(cause) and any(f.rule not in (_DEFINED, _DECLARED) for f in cause.findings)


def with_unseen(cause: Cause, found: Iterable[Finding]) -> Cause:
    """A cause that took form, with what is known to have changed out of its sight."""
    more = [finding for finding in dict.fromkeys(found) if finding not in cause.findings]
    if not more:
        return cause
    # That the definition is the same on both sides need not be taken for granted any more: it is not.
    own = [replace(finding, care="") if took_form(cause) else finding for finding in cause.findings]
    findings = (*own, *more)
    remedy = f"no rule is safe: {CHANGED_UNSEEN}" if cause.remedy else ""
    return replace(cause, findings=findings, summary=summarize(findings), remedy=remedy)


def seen_elsewhere(causes: Mapping[str, Cause], old: DescribedSide, new: DescribedSide) -> dict[str, Cause]:
    """All causes, each that took form with what other objects say of what was out of its sight."""
    forms = [cause for cause in causes.values() if took_form(cause)]
    seen: dict[str, list[Cause]] = {}
    for cause in causes.values():
        seen.setdefault(cause.reference, []).append(cause)
    if not forms or len(forms) == len(causes) == len(seen):
        return dict(causes)
    sides = _types_by_path(old), _types_by_path(new)
    paths = list(dict.fromkeys(cause.exports[0][0] for cause in forms))[:MOST_OBJECTS]
    found = dict(causes)
    for cause in forms:
        if cause.exports[0][0] in paths:
            found[cause.key] = with_unseen(cause, _told(cause, seen, *sides))
        else:
            found[cause.key] = _not_read(cause)
    return found


def _types_by_path(side: DescribedSide) -> Callable[[str], Types]:
    """Path of an object → its type strings, none where this side has no such object, as of an export that moved."""

    @lru_cache(MOST_OBJECTS)
    def types(path: str) -> Types:
        described = side.get(path)
        return described.types() if described else {}

    return types


def _not_read(cause: Cause) -> Cause:
    """A cause that took form in an object that was not read again for it, which its words of care then say."""
    care = NOT_READ.format(cause.exports[0][0])
    findings = [
        replace(each, care=care) if each.rule in (_DEFINED, _DECLARED) else each for each in cause.findings
    ]
    return replace(cause, findings=tuple(findings))


def between(reference: str, old: Types, new: Types) -> Iterator[Finding]:
    """What differs of a definition, and of what it refers to, between two builds that both see it."""
    if not (is_defined(old.get(reference, "")) and is_defined(new.get(reference, ""))):
        return
    reached_in_old = set(by_distance(reference, old))
    names = [
        name
        for name in by_distance(reference, new)
        if name in reached_in_old and old.get(name, "") != new.get(name, "")
    ]
    follows = followers(names, old, new)
    for name in names:
        if not follows.get(name):
            yield from classify(name, old[name], new[name], Surroundings(name, old, new))


def _told(
    cause: Cause,
    seen: Mapping[str, list[Cause]],
    old_types: Callable[[str], Types],
    new_types: Callable[[str], Types],
) -> Iterator[Finding]:
    """What other objects say of a definition that one object sees on one side only, and of what it brings with it."""
    path = cause.exports[0][0]
    came = any(finding.rule == _DEFINED for finding in cause.findings)
    here, there = (new_types, old_types) if came else (old_types, new_types)
    shown, hidden = here(path), there(path)
    known = {
        name for _, export in cause.exports for name in by_distance(export, hidden) if name != cause.reference
    }
    for name in by_distance(cause.reference, shown):
        for other in seen.get(name, ()) if name not in known else ():
            elsewhere = other.exports[0][0]
            if not took_form(other) and here(elsewhere).get(name, "") == shown.get(name, ""):
                yield from other.findings
        if name != cause.reference:
            continue
        for other in seen[name]:
            # It sees on its other side what this object does not: a definition that went where this one came.
            text = there(other.exports[0][0]).get(name, "")
            if took_form(other) and other.key != cause.key and is_defined(text) and text != shown[name]:
                texts = (text, shown[name]) if came else (shown[name], text)
                yield from classify(name, *texts)


def is_defined(text: str) -> bool:
    """Whether a type string defines a type with members or enumerators, and does not only declare it."""
    declared = parse(text)
    return isinstance(declared, Aggregate | Enumeration) and declared.byte_size is not None
