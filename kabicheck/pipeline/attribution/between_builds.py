"""What changed an export between two builds on the way, which the causes of a comparison of both ends need not tell.

A type that a range brought in is in no cause of its own, nor is one that is in the end what it was; whoever changed it
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
    from kabicheck.pipeline.attribution.observer import SeenObject

    Types = Mapping[str, str]

MOST_NAMED = 3


def declarations_between(export: str, before: Types, after: Types) -> list[str]:
    """The references by which an export differs between two builds, the nearest to it first.

    As causes of a comparison are found: own texts that differ and are reached in both, less those that only follow.
    """
    reached = [name for name in by_distance(export, after) if before.get(name, "") != after.get(name, "")]
    there = set(by_distance(export, before))
    differing = [name for name in reached if name in there]
    follows = followers(differing, before, after)
    return [name for name in differing if not follows.get(name)]


def nearest(causes: Iterable[Cause], names: Iterable[str], states: Sequence[Types]) -> Cause | None:
    """The cause whose declaration refers to one of some names in the fewest steps, None where none does.

    states: type strings of the builds in which that counts.
    """
    wanted = set(names)
    ranked = []
    for number, cause in enumerate(causes):
        for types in states:
            ways = by_distance(cause.reference, types) if cause.reference else []
            ranked += [(steps, number, cause) for steps, name in enumerate(ways) if name in wanted]
    return min(ranked, key=lambda each: each[:2])[2] if ranked else None


def words_of(
    names: Sequence[str],
    seen: tuple[SeenObject | None, SeenObject | None],
    ends: tuple[SeenObject | None, SeenObject | None],
) -> str:
    """What a commit changed of an export, a sentence. seen: the object before and after it; ends: at base and head."""
    before, after = seen
    if before is None or after is None:
        return "it took the export away" if before else "it brought the export back" if after else ""
    said: dict[str, list[str]] = {}
    for name in names:
        text = after.types().get(name, "") or before.types().get(name, "")
        said.setdefault(_fate(name, ends), []).append(title(name, text))
    parts = [listed("", titles, 0).strip() + fate for fate, titles in said.items()]
    return f"it changed {'; '.join(parts[:MOST_NAMED])}" if parts else "it changed the version in another way"


def _fate(name: str, ends: tuple[SeenObject | None, SeenObject | None]) -> str:
    """What became of a declaration between both ends, behind its name."""
    was, became = (end.types().get(name, "") if end else "" for end in ends)
    if was == became:
        return ", which is in the end what it was" if was else ", which came and went in this range"
    if was and became:
        return ""
    return ", which this range took out" if was else ", which this range brought in"
