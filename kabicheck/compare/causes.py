"""Why versions changed: the types and signatures whose own text differs, for an object's changed exports."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from kabicheck.compare.c_words import c_lines, is_c_function, is_enumerator
from kabicheck.compare.classify import classify, summarize
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
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.compare.lines import Line
    from kabicheck.model import Location

    Locate = Callable[[Collection[str]], Mapping[str, Location]]


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is said of a cause. verbose: fold no line of its diff; paths: how the nearest export reaches it."""

    verbose: bool = False
    paths: bool = False


BRIEF = Detail()
_UNEXPLAINED = "the version changed although no type's text differs (order of definitions, or another tool)"


def explain(
    path: str,
    exports: Sequence[str],
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    old_locate: Locate | None = None,
    new_locate: Locate | None = None,
    detail: Detail = BRIEF,
    cfi: bool | None = None,
) -> Iterator[Cause]:
    """The causes that explain the changed exports of the object `path`, each with the exports it explains.

    A version that changed although nothing differs that it is made of gets a cause of its own, which says so.
    cfi: whether kernels of either side check the prototypes of indirect calls, None where that is not known.
    """
    differing = [name for name in {**old, **new} if old.get(name, "") != new.get(name, "")]
    bits = {name: 1 << position for position, name in enumerate(differing)}
    old_masks, new_masks = reached(exports, old, bits), reached(exports, new, bits)
    masks = {export: old_masks[export] & new_masks[export] for export in exports}
    together = 0
    for mask in masks.values():
        together |= mask
    causes = [name for name in differing if bits[name] & together]
    old_places = old_locate(causes) if old_locate else {}
    new_places = new_locate(causes) if new_locate else {}
    follows = followers(causes, old, new)
    keys = {name: _key(name, old.get(name, ""), new.get(name, "")) for name in causes}
    for name in causes:
        old_text, new_text = old.get(name, ""), new.get(name, "")
        explained = [export for export in exports if masks[export] & bits[name]]
        findings = classify(name, old_text, new_text, Surroundings(name, old, new, cfi))
        yield Cause(
            key=keys[name],
            reference=name,
            title=title(name, old_text or new_text),
            summary=summarize(findings),
            diff=type_diff(
                lines_of(name, old_text, old),
                lines_of(name, new_text, new),
                old_text,
                new_text,
                folded=not detail.verbose,
            ),
            exports=tuple((path, export) for export in explained),
            old_location=old_places.get(name),
            new_location=new_places.get(name),
            findings=findings,
            follows=tuple(sorted(keys[root] for root in follows.get(name, ()))),
            path=path_to(name, explained, new) if detail.paths else (),
        )
    unexplained = tuple((path, export) for export in exports if not masks[export])
    if unexplained:
        rule = version_only.RULE
        yield Cause(
            UNEXPLAINED,
            reference="",
            title="no declaration",
            summary=_UNEXPLAINED,
            diff=(),
            exports=unexplained,
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
