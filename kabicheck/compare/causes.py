"""Why versions changed: the types and signatures whose own text differs, for an object's changed exports.

A *cause* is a name whose own text differs and that a changed export reaches on both sides. A name that is reached on
one side only is a consequence: whatever began or ceased to refer to it differs itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from kabicheck.compare.c_words import c_lines, is_c_function, is_enumerator
from kabicheck.compare.classify import classify, summarize
from kabicheck.compare.detail import BRIEF
from kabicheck.compare.followers import followers
from kabicheck.compare.reach import reached, shortest_path
from kabicheck.compare.render import render, spell_reference
from kabicheck.compare.rules import version_only
from kabicheck.compare.rules.version_only import UNEXPLAINED
from kabicheck.compare.rust_words import rust_title
from kabicheck.compare.surroundings import Surroundings
from kabicheck.compare.typediff import type_diff
from kabicheck.formats.symtypes import is_c, is_reference
from kabicheck.model import Cause, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kabicheck.compare.detail import Detail
    from kabicheck.compare.lines import Line
    from kabicheck.model import DescribedObject


_UNEXPLAINED = "the version changed although no type's text differs (order of definitions, or another tool)"


@dataclass(frozen=True, slots=True)
class ReachedDifferences:
    """Which differing texts of an object the versions of its exports depend on.

    names: The names whose text is not the same on both sides, those that the old side has first.
    masks: Export → a mask with a bit, by its place in `names`, for each of them that the export reaches on both sides.
        An export that reaches none on either side is left out, so that nothing that it is made of differs.
    """

    names: Sequence[str]
    masks: Mapping[str, int]

    def explained(self, exports: Iterable[str]) -> dict[str, list[str]]:
        """Name that differs → those of some exports that reach it on both sides."""
        masks = [(export, self.masks.get(export, 0)) for export in exports]
        together = 0
        for _, mask in masks:
            together |= mask
        return {
            name: [export for export, mask in masks if mask >> place & 1]
            for place, name in enumerate(self.names)
            if together >> place & 1
        }

    def unexplained(self, exports: Iterable[str]) -> list[str]:
        """Those of some exports that reach no name that differs on both sides."""
        return [export for export in exports if not self.masks.get(export, 0)]


def reached_differences(
    exports: Sequence[str], old: Mapping[str, str], new: Mapping[str, str]
) -> ReachedDifferences:
    """What of an object's types differs, and which exports reach it. old, new: the type strings by name."""
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not names:
        return ReachedDifferences((), {})
    bits = {name: 1 << place for place, name in enumerate(names)}
    old_masks, new_masks = reached(exports, old, bits), reached(exports, new, bits)
    masks = {e: old_masks[e] & new_masks[e] for e in exports if old_masks[e] | new_masks[e]}
    return ReachedDifferences(names, masks)


def explain(
    path: str,
    exports: Sequence[str],
    old: DescribedObject,
    new: DescribedObject,
    *,
    detail: Detail = BRIEF,
    cfi: bool | None = None,
) -> Iterator[Cause]:
    """The causes that explain the changed exports of one object, each with the exports that it explains.

    A version that changed although nothing differs that it is made of gets a cause of its own, which says so.

    path: The object's.
    cfi: Whether kernels of either side check the prototypes of indirect calls, None where that is not known.
    """
    old_types, new_types = old.types(), new.types()
    differences = reached_differences(exports, old_types, new_types)
    explained = differences.explained(exports)
    names = list(explained)
    old_places, new_places = old.locations(names), new.locations(names)
    follows = followers(names, old_types, new_types)
    keys = {name: _key(name, old_types.get(name, ""), new_types.get(name, "")) for name in names}
    for name in names:
        cause = _cause_of(name, old_types, new_types, detail=detail, cfi=cfi)
        yield replace(
            cause,
            key=keys[name],
            exports=tuple((path, export) for export in explained[name]),
            old_location=old_places.get(name),
            new_location=new_places.get(name),
            follows=tuple(sorted(keys[root] for root in follows.get(name, ()))),
            path=path_to(name, explained[name], new_types) if detail.paths else (),
        )
    if unexplained := differences.unexplained(exports):
        yield _without_reason(path, unexplained)


def _cause_of(
    name: str, old_types: Mapping[str, str], new_types: Mapping[str, str], *, detail: Detail, cfi: bool | None
) -> Cause:
    """What differs of one name, whatever reaches it."""
    old_text, new_text = old_types.get(name, ""), new_types.get(name, "")
    findings = classify(name, old_text, new_text, Surroundings(name, old_types, new_types, cfi))
    diff = type_diff(
        lines_of(name, old_text, old_types),
        lines_of(name, new_text, new_types),
        old_text,
        new_text,
        folded=not detail.verbose,
    )
    return Cause(
        key="",
        reference=name,
        title=title(name, old_text or new_text),
        summary=summarize(findings),
        diff=diff,
        exports=(),
        findings=findings,
    )


def _without_reason(path: str, exports: Iterable[str]) -> Cause:
    """The cause of versions that changed although no text differs."""
    rule = version_only.RULE
    return Cause(
        UNEXPLAINED,
        reference="",
        title="no declaration",
        summary=_UNEXPLAINED,
        diff=(),
        exports=tuple((path, export) for export in exports),
        findings=(Finding(rule.id, rule.severity, "", _UNEXPLAINED),),
    )


def lines_of(name: str, text: str, types: Mapping[str, str]) -> list[Line]:
    """A type string as a declaration, whichever tool wrote it."""
    if not is_c(text):
        return render(name, text, types)
    return c_lines(f"{spell_reference(name)} = {text}" if is_enumerator(name) else text)


def path_to(name: str, exports: Sequence[str], types: Mapping[str, str]) -> tuple[str, ...]:
    """The titles from the nearest export to a type: `device_register()`, `struct device`, `struct kobject`."""
    return tuple(title(each, types.get(each, "")) for each in shortest_path(exports, name, types))


def _key(name: str, old_text: str, new_text: str) -> str:
    content = "\0".join((name, old_text, new_text))
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def title(name: str, text: str) -> str:
    """A type or an export in the words of its language, from its name and its type string."""
    if not is_reference(name):
        return f"{name}()" if text.startswith("subprogram ") or is_c_function(name, text) else name
    if name.startswith("t#"):
        return f"typedef {spell_reference(name)}"
    if is_enumerator(name):
        return f"enumerator {spell_reference(name)}"
    return rust_title(name, text) or spell_reference(name)
