"""What changed an export between two builds on the way, which the causes of a comparison of both ends need not tell.

A type that a range brought in is in no cause of its own, nor is one that is in the end what it was. Whoever changed it
on the way changed the version all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.compare.causes import title
from kabicheck.compare.followers import followers
from kabicheck.compare.reach import by_distance
from kabicheck.plain_text import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kabicheck.model import Cause
    from kabicheck.pipeline.attribution.evidence import ObservedPoint
    from kabicheck.pipeline.attribution.observer import ObservedObject

    Types = Mapping[str, str]
    Ends = tuple[ObservedObject | None, ObservedObject | None]

MOST_NAMED = 3


def changed_between(export: str, old: Types, new: Types) -> list[str]:
    """The references by which an export differs between two builds, the nearest to it first.

    They are found as the causes of a comparison are: own texts that differ and are reached in both builds, less those
    that only follow others.
    """
    reached = [name for name in by_distance(export, new) if old.get(name, "") != new.get(name, "")]
    reached_before = set(by_distance(export, old))
    differing = [name for name in reached if name in reached_before]
    follows = followers(differing, old, new)
    return [name for name in differing if not follows.get(name)]


def nearest(causes: Iterable[Cause], names: Iterable[str], states: Sequence[Types]) -> Cause | None:
    """The cause whose declaration refers to one of some names in the fewest steps, None where none does.

    states: The type strings of the builds in which that counts.
    """
    wanted = set(names)
    ranked = []
    for number, cause in enumerate(causes):
        for types in states:
            ways = by_distance(cause.reference, types) if cause.reference else []
            ranked += [(steps, number, cause) for steps, name in enumerate(ways) if name in wanted]
    return min(ranked, key=lambda each: each[:2])[2] if ranked else None


def changed_words(names: Sequence[str], observed: ObservedPoint, ends: Ends) -> str:
    """What a commit changed of an export, a sentence.

    names: The references by which the export differs there.
    ends: The objects that hold the export at base and at head.
    """
    old, new = observed.old, observed.new
    if old is None or new is None:
        return "it took the export away" if old else "it brought the export back" if new else ""
    titles_by_outcome: dict[str, list[str]] = {}
    for name in names:
        text = new.types().get(name, "") or old.types().get(name, "")
        titles_by_outcome.setdefault(_outcome_words(name, ends), []).append(title(name, text))
    parts = [listed("", titles, 0).strip() + outcome for outcome, titles in titles_by_outcome.items()]
    return f"it changed {'; '.join(parts[:MOST_NAMED])}" if parts else "it changed the version in another way"


def _outcome_words(name: str, ends: Ends) -> str:
    """What became of a declaration from base to head, to stand behind its name."""
    old, new = (end.types().get(name, "") if end else "" for end in ends)
    if old == new:
        return ", which is in the end what it was" if old else ", which came and went in this range"
    if old and new:
        return ""
    return ", which this range took out" if old else ", which this range brought in"
