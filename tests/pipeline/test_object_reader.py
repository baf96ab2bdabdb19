"""What a reader remembers of objects, and what it forgets."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.kabi_rules import KabiRule
from kabicheck.model import BuiltObject, ObjectSet
from kabicheck.pipeline import object_reader
from kabicheck.pipeline.object_reader import MOST_OPEN, ObjectReader
from kabicheck.pipeline.objects import Pair, SideOfPair, compare_pair
from kabicheck.pipeline.read_options import PLAIN, ReadOptions
from kabicheck.pipeline.reading import read_object
from tests.compare.fixture_pairs import compile_side
from tests.pipeline.small_objects import write_object

if TYPE_CHECKING:
    from pathlib import Path

STABLE = ReadOptions(stable=True)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the objects that are decoded, in order."""
    paths: list[str] = []

    def noted(built: BuiltObject, options: ReadOptions) -> object:
        paths.append(built.path)
        return read_object(built, options)

    monkeypatch.setattr(object_reader, "read_object", noted)
    return paths


@pytest.fixture
def objects(tmp_path: Path) -> list[BuiltObject]:
    """More objects than are kept open, which all differ."""
    return [
        BuiltObject(f"{number}.o", write_object(tmp_path / f"{number}.o", "f", "g", size=number + 1), "mod")
        for number in range(MOST_OPEN + 2)
    ]


def test_what_was_read_is_remembered_and_its_places_are_too(tmp_path: Path, decoded: list[str]) -> None:
    """After it was closed, an object says the same of types and places."""
    reader = ObjectReader()
    built = BuiltObject("a.o", compile_side("member_retyped", "old", tmp_path), "mod")
    told = []
    for _ in range(2):
        found = reader.object(built, source=str(tmp_path))
        names = list(found.types())
        told.append((found.versions, found.types(), found.locations(names), found.member_locations(names)))
        for number in range(MOST_OPEN + 1):
            file = write_object(tmp_path / f"{number}.o", "f", size=number + 1)
            reader.object(BuiltObject(f"{number}.o", file, "mod")).types()
    assert told[0] == told[1]
    assert told[0][2]
    assert told[0][3]
    assert decoded.count("a.o") == 1
    assert len(decoded) == MOST_OPEN + 2


def test_types_are_forgotten_beyond_the_bound(objects: list[BuiltObject], decoded: list[str]) -> None:
    reader = ObjectReader(most_bytes=0)
    for built in (*objects, *objects):
        assert reader.object(built).types() == read_object(built).types()
    assert len(decoded) == 2 * len(objects)
    decoded.clear()
    for built in objects:  # but never versions
        assert reader.object(built).versions == read_object(built).versions()
    assert not decoded


def test_objects_of_equal_content_are_one(tmp_path: Path, decoded: list[str]) -> None:
    """Each is called as it is on its side."""
    file = write_object(tmp_path / "a.o", "f")
    copy = tmp_path / "b.o"
    shutil.copy(file, copy)
    reader = ObjectReader()
    versions = [
        reader.versions(BuiltObject(path, each, module))
        for path, each, module in (("x.o", file, "m"), ("y.o", copy, "n"))
    ]
    assert [(each.path, each.module) for each in versions] == [("x.o", "m"), ("y.o", "n")]
    assert decoded == ["x.o"]


def test_without_rules_both_ways_to_read_are_one(tmp_path: Path, decoded: list[str]) -> None:
    """`__kabi_*` members of the one object make the difference; the other has none."""
    ruled = BuiltObject("ruled.o", write_object(tmp_path / "ruled.o", "f", "g"), "mod")
    plain = BuiltObject("plain.o", compile_side("member_retyped", "old", tmp_path), "mod")
    reader = ObjectReader()
    for built in (ruled, plain):
        for options in (PLAIN, STABLE):
            expected = read_object(built, options)
            found = reader.object(built, options)
            assert (found.versions, found.types()) == (expected.versions(), expected.types())
    assert decoded == ["ruled.o", "ruled.o", "plain.o"]


def test_a_file_that_changes_is_another_object(tmp_path: Path) -> None:
    reader = ObjectReader()
    built = BuiltObject("a.o", write_object(tmp_path / "a.o", "f"), "mod")
    first = reader.versions(built)
    write_object(built.file, "f", "g")
    assert reader.versions(built) != first


def test_a_worker_decodes_each_object_once(tmp_path: Path, decoded: list[str]) -> None:
    """With all that is asked of a pair: under rules and without, versions, causes and what the rules hide."""
    sides: list[SideOfPair] = []
    for side, size in (("old", 4), ("new", 8)):
        (tmp_path / side).mkdir()
        file = write_object(tmp_path / side / "a.o", "f", "g", size=size)
        sides.append(SideOfPair(BuiltObject("a.o", file, "mod"), STABLE))
    old, new = sides
    result = compare_pair(Pair(old, new, look_behind=True))
    assert [change.name for change in result.difference.changes] == ["f", "g"]
    assert result.old_plain
    assert decoded == ["a.o"] * 4


def test_what_is_dropped_is_what_nobody_asked_for(objects: list[BuiltObject], decoded: list[str]) -> None:
    reader = ObjectReader()
    asked, unasked = reader.object(objects[0]), reader.object(objects[1])
    types = asked.types()
    versions = unasked.versions
    for each in (asked, unasked):
        each.drop()
    assert asked.types() == types
    assert reader.object(objects[1]).versions == versions
    assert decoded == ["0.o", "1.o"]
    assert unasked.types() == read_object(objects[1]).types()
    assert decoded == ["0.o", "1.o", "1.o"]


def test_an_object_that_was_named_alone_stands_for_all(objects: list[BuiltObject]) -> None:
    side = ObjectReader().side(ObjectSet(tuple(objects)))
    assert side.get("0.o")
    assert side.get("nowhere.o") is None
    alone = BuiltObject("", objects[0].file, "")
    found = ObjectReader().side(ObjectSet((alone,))).get("nowhere.o")
    assert found
    assert found.versions.path == str(objects[0].file)


def test_of_what_is_known_no_file_is_read_to_drop_it(
    objects: list[BuiltObject], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = ObjectReader()
    versions = reader.versions(objects[0])
    later = ObjectReader()
    later.learn(objects[0], PLAIN, versions)
    monkeypatch.setattr(object_reader, "digest_of", lambda file: pytest.fail(f"{file} was read"))
    known = later.object(objects[0])
    assert known.versions == versions
    known.drop()


def test_versions_under_outside_rules_are_not_kept(objects: list[BuiltObject], decoded: list[str]) -> None:
    """A search for remedies would fill the memory with those of each set of rules that it tries."""
    rules = ReadOptions(stable=True, kabi=(KabiRule("byte_size", "struct s", "8"),))
    reader = ObjectReader(most_bytes=0)
    versions = [reader.versions(built, rules) for built in objects]
    assert reader.known_versions(objects[0], rules) is None
    assert reader.versions(objects[0], rules) == versions[0]
    assert decoded == [*(built.path for built in objects), "0.o"]


def test_places_are_read_from_the_file_that_is_asked_for(tmp_path: Path) -> None:
    """One of equal content may have been decoded before, and be another or gone by now."""
    first = BuiltObject("a.o", compile_side("member_retyped", "old", tmp_path), "mod")
    second = BuiltObject("b.o", tmp_path / "copy.o", "mod")
    shutil.copy(first.file, second.file)
    reader = ObjectReader()
    names = list(reader.object(first).types())
    places = reader.object(first).locations(names)
    for number in range(MOST_OPEN + 1):
        reader.object(
            BuiltObject("", write_object(tmp_path / f"{number}.o", "f", size=number + 1), "")
        ).types()
    first.file.unlink()
    assert places
    assert reader.object(second).locations(names) == places
