"""Why versions changed: the types and signatures whose own text differs, for an object's changed exports."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from kabicheck.compare.classify import summarize
from kabicheck.compare.reach import reached
from kabicheck.compare.render import render, spell_reference
from kabicheck.compare.typediff import type_diff
from kabicheck.formats.symtypes import is_reference
from kabicheck.model import Cause

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kabicheck.model import Location

    Locate = Callable[[Collection[str]], Mapping[str, Location]]

# The key of the cause of versions that changed although no type string did.
UNEXPLAINED = "unexplained"
_UNEXPLAINED = "the version changed although no type's text differs (order of definitions, or another tool)"


def explain(
    path: str,
    exports: Sequence[str],
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    old_locate: Locate | None = None,
    new_locate: Locate | None = None,
) -> Iterator[Cause]:
    """The causes that explain the changed exports of the object `path`, each with the exports it explains.

    A version that changed although nothing differs that it is made of gets a cause of its own, which says so.
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
    for name in causes:
        old_text, new_text = old.get(name, ""), new.get(name, "")
        yield Cause(
            key=_key(name, old_text, new_text),
            reference=name,
            title=_title(name, old_text or new_text),
            summary=summarize(old_text, new_text),
            diff=type_diff(render(name, old_text, old), render(name, new_text, new), old_text, new_text),
            exports=tuple((path, export) for export in exports if masks[export] & bits[name]),
            old_location=old_places.get(name),
            new_location=new_places.get(name),
        )
    unexplained = tuple((path, export) for export in exports if not masks[export])
    if unexplained:
        yield Cause(
            UNEXPLAINED,
            reference="",
            title="no declaration",
            summary=_UNEXPLAINED,
            diff=(),
            exports=unexplained,
        )


def _key(name: str, old_text: str, new_text: str) -> str:
    content = "\0".join((name, old_text, new_text))
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _title(name: str, text: str) -> str:
    if not is_reference(name):
        return f"{name}()" if text.startswith("subprogram") else name
    return f"typedef {spell_reference(name)}" if name.startswith("t#") else spell_reference(name)
