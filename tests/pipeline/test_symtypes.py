"""Comparing symtypes files by what differs gives what calculating every version on both sides gives."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kabicheck.formats.consolidated import Consolidated, consolidate
from kabicheck.model import ChangeKind
from kabicheck.pipeline.symtypes import SymtypesSet, compare_symtypes
from kabicheck.symver.from_symtypes import RecordedTypes
from tests.formats.memory_corpus import MemoryCorpus

TYPES = ("s#a", "s#b", "u#c", "t#d", "e#e")
EXPORTS = ("f", "g", "h", "i")
PLACE = Path("x")

_texts = st.lists(st.sampled_from((*TYPES, "int", "long", "*")), min_size=1, max_size=4).map(" ".join)
_files = st.builds(
    lambda types, exports: dict(zip(TYPES, types, strict=True)) | exports,
    st.tuples(*[_texts] * len(TYPES)),
    st.dictionaries(st.sampled_from(EXPORTS), _texts, min_size=1),
)
_sides = st.dictionaries(st.sampled_from(["a.symtypes", "lib/b.symtypes"]), _files, min_size=1)


@st.composite
def _pairs(draw: st.DrawFn) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """A side, and the same with a few other texts: two that have nothing in common would show little."""
    old = draw(_sides)
    new = {path: dict(types) for path, types in old.items()}
    for path in draw(st.lists(st.sampled_from(sorted(old)), max_size=3)):
        name = draw(st.sampled_from((*TYPES, *EXPORTS)))
        if name in TYPES or draw(st.booleans()):
            new[path][name] = draw(_texts)
        elif len(new[path].keys() - set(TYPES) - {name}) > 0:
            new[path].pop(name, None)
    return old, new


def side(files: dict[str, dict[str, str]]) -> SymtypesSet:
    return SymtypesSet(PLACE, MemoryCorpus(files))


def versions(files: dict[str, dict[str, str]]) -> dict[tuple[str, str], str]:
    """(object, export) → version, all of them."""
    return {
        (path.replace(".symtypes", ".o"), name): f"{crc:#010x}"
        for path, types in files.items()
        for name, crc in RecordedTypes(PLACE, types=types).versions().versions.items()
    }


@given(_pairs())
def test_nothing_that_differs_is_passed_over(
    pair: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]],
) -> None:
    old, new = pair
    comparison = compare_symtypes(side(old), side(new))
    old_versions, new_versions = versions(old), versions(new)
    changed = {(c.object, c.name): (c.old, c.new) for c in comparison.changes if c.kind is ChangeKind.VERSION}
    for key in old_versions.keys() & new_versions.keys():
        assert changed.pop(key, None) == (
            None if old_versions[key] == new_versions[key] else (old_versions[key], new_versions[key])
        )
        assert (("", *key) in comparison.unchanged) == (old_versions[key] == new_versions[key])
    names = Counter(name for _, name in old_versions) & Counter(name for _, name in new_versions)
    assert {name for _, name in changed} <= set(names), "only what moved is left"
    explained = {export for cause in comparison.causes.values() for export in cause.exports}
    assert explained == {(c.object, c.name) for c in comparison.changes if c.kind is ChangeKind.VERSION}


@given(_pairs())
def test_swapping_the_sides_mirrors_the_changes(
    pair: tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]],
) -> None:
    mirror = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}
    one, other = (compare_symtypes(side(a), side(b)) for a, b in (pair, pair[::-1]))
    assert {(mirror.get(c.kind, c.kind), c.name, c.new, c.old) for c in one.changes} == {
        (c.kind, c.name, c.old, c.new) for c in other.changes
    }
    assert {cause.reference for cause in one.causes.values()} == {c.reference for c in other.causes.values()}


@given(_sides)
def test_a_side_equals_itself_consolidated(files: dict[str, dict[str, str]]) -> None:
    whole = SymtypesSet(PLACE, Consolidated("".join(consolidate(MemoryCorpus(files))), "x"))
    comparison = compare_symtypes(side(files), whole)
    assert not comparison.changes
    assert len(comparison.unchanged) == len(versions(files))
