"""Causes of an object, and all objects joined."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck.compare.difference import ObjectDifference, compare_object, join
from kabicheck.compare.failing import failing, unanswered
from kabicheck.compare.reach import reached
from kabicheck.compare.rules.version_only import UNEXPLAINED
from kabicheck.compare.unseen import MOST_OBJECTS
from kabicheck.formats.symtypes import references
from kabicheck.model import ChangeKind, Comparison, Export, Location, ObjectVersions, RecordedObject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Types = dict[str, str]


def versions(path: str = "lib/a.o", module: str = "vmlinux", /, **crcs: int) -> ObjectVersions:
    """An object that exports these names with these versions."""
    return ObjectVersions(path, module, tuple(map(Export, crcs)), crcs)


def recorded(path: str = "lib/a.o", module: str = "vmlinux", /, **crcs: int) -> RecordedObject:
    """The same, of which no types are known."""
    return RecordedObject(versions(path, module, **crcs))


def changed(old: Types, new: Types, *exports: str) -> ObjectDifference:
    """The comparison of an object all of whose exports have another version now."""
    old_crcs, new_crcs = dict.fromkeys(exports, 1), dict.fromkeys(exports, 2)
    return compare_object(
        RecordedObject(versions(**old_crcs), old), RecordedObject(versions(**new_crcs), new)
    )


def kinds(comparison: Comparison) -> list[tuple[str, str, str, str]]:
    return [(change.name, change.kind, change.old, change.new) for change in comparison.changes]


def struct(name: str, *members: str, size: int = 8) -> str:
    listed = " , ".join(f"member {m} m{i} data_member_location(0)" for i, m in enumerate(members))
    return f"structure_type {name} {{ {listed} }} byte_size({size})"


OLD = {
    "f": "subprogram ( formal_parameter pointer_type { s#outer } byte_size(8) x ) -> base_type void",
    "g": "variable s#inner",
    "h": "variable s#other",
    "s#outer": struct("outer", "s#inner", "pointer_type { s#outer } byte_size(8)"),
    "s#inner": struct("inner", size=4),
    "s#other": struct("other"),
}


def test_nothing_is_read_where_no_version_changed() -> None:
    class Unread(RecordedObject):
        def types(self) -> Types:
            raise AssertionError("types were asked for")

    same = Unread(versions(f=1, g=2), {})
    difference = compare_object(same, same)
    assert not difference.changes
    assert difference.unchanged == (("vmlinux", "lib/a.o", "f"), ("vmlinux", "lib/a.o", "g"))


def test_a_type_explains_the_exports_that_reach_it() -> None:
    new = OLD | {"s#inner": struct("inner", "t#u", size=16)}
    comparison = join([changed(OLD, new, "f", "g")])
    (cause,) = comparison.causes.values()
    assert (cause.reference, cause.title, cause.summary) == (
        "s#inner",
        "struct inner",
        "member added, size 4 → 16",
    )
    assert cause.exports == (("lib/a.o", "f"), ("lib/a.o", "g"))
    assert [change.causes for change in comparison.changes] == [(cause.key,), (cause.key,)]


def test_what_was_not_read_again_for_what_took_form_is_said() -> None:
    """Object after object sees a type that it did not see; one more saw the last of these types all the time."""
    old, new = {}, {}
    for number in range(MOST_OBJECTS + 1):
        name = f"s#t{number:02}"
        path = f"lib/o{number:02}.o"
        export = {"f": f"variable {name}"}
        old[path] = export | {name: f"structure_type t{number:02} {{ }}"}
        new[path] = export | {name: struct(f"t{number:02}", "t#u")}
    old["lib/z.o"] = {"f": f"variable {name}", name: struct(f"t{number:02}")}
    new["lib/z.o"] = new[path]
    old_side = {path: RecordedObject(versions(path, f=1), types) for path, types in old.items()}
    new_side = {path: RecordedObject(versions(path, f=2), types) for path, types in new.items()}
    parts = [compare_object(old_side[path], new_side[path]) for path in old]
    causes = join(parts, old_side, new_side).causes.values()
    cares = {cause.exports[0][0]: cause.findings[0].care for cause in causes}
    assert cares.pop("lib/z.o") == ""
    last = cares.pop(f"lib/o{MOST_OBJECTS}.o")
    assert f"looked up for {MOST_OBJECTS} objects, and not for lib/o{MOST_OBJECTS}.o" in last
    assert len(set(cares.values())) == 1
    assert "looked up" not in cares["lib/o00.o"]


def test_a_type_reached_on_one_side_only_is_no_cause() -> None:
    """What began to refer to it is: h does not explain itself by what its new type happens to contain."""
    new = OLD | {"s#inner": struct("inner", "t#u"), "s#other": struct("other", "s#inner")}
    comparison = join([changed(OLD, new, "g", "h")])
    assert {cause.reference: cause.exports for cause in comparison.causes.values()} == {
        "s#inner": (("lib/a.o", "g"),),
        "s#other": (("lib/a.o", "h"),),
    }


def test_the_own_signature_is_a_cause() -> None:
    comparison = join([changed(OLD, OLD | {"g": "variable s#other"}, "g")])
    (cause,) = comparison.causes.values()
    assert (cause.reference, cause.title, cause.summary) == ("g", "g", "variable type changed")
    assert [(line.mark, line.text) for line in cause.diff] == [
        ("-", "struct inner g;"),
        ("+", "struct other g;"),
    ]


def test_a_cause_follows_only_where_it_does_in_every_object_that_shows_it() -> None:
    """In one object the outer type's layout follows from the inner one, in another nothing shows why it does."""

    def inner(size: int) -> str:
        member = f"member base_type int byte_size({size}) m data_member_location(0)"
        return f"structure_type inner {{ {member} }} byte_size({size})"

    def outer(size: int) -> str:
        return f"structure_type outer {{ member s#inner m data_member_location(0) }} byte_size({size})"

    old = {"f": "variable s#outer", "s#outer": outer(4), "s#inner": inner(4)}
    new = {"f": "variable s#outer", "s#outer": outer(8), "s#inner": inner(8)}
    without_inner = (
        {"f": "variable s#outer", "s#outer": outer(4)},
        {"f": "variable s#outer", "s#outer": outer(8)},
    )
    follows = [(old, new), (old, new)], [(old, new), without_inner]
    for sides, expected in zip(follows, (True, False), strict=True):
        parts = [
            compare_object(
                RecordedObject(versions(f"{number}.o", f=1), old_types),
                RecordedObject(versions(f"{number}.o", f=2), new_types),
            )
            for number, (old_types, new_types) in enumerate(sides)
        ]
        for order in (parts, parts[::-1]):
            causes = {cause.reference: cause for cause in join(order).causes.values()}
            assert bool(causes["s#outer"].follows) is expected


def test_a_version_without_a_reason_is_said_to_have_none() -> None:
    comparison = join([changed(OLD, OLD, "f", "g")])
    (cause,) = comparison.causes.values()
    assert cause.key == UNEXPLAINED
    assert [name for _, name in cause.exports] == ["f", "g"]


def test_one_cause_over_all_objects_most_exports_first() -> None:
    new = OLD | {"s#inner": struct("inner", "t#u"), "s#other": struct("other", "t#u")}
    parts = [
        compare_object(
            RecordedObject(versions(path, f=1, h=1), OLD),
            RecordedObject(versions(path, f=2, h=2 - alone), new),
        )
        for path, alone in (("lib/a.o", 0), ("lib/b.o", 1))
    ]
    comparison = join(parts)
    assert comparison == join(reversed(parts))
    assert [(c.reference, len(c.exports)) for c in comparison.causes.values()] == [
        ("s#inner", 2),
        ("s#other", 1),
    ]
    assert [(c.object, c.name) for c in comparison.changes] == [
        ("lib/a.o", "f"),
        ("lib/a.o", "h"),
        ("lib/b.o", "f"),
    ]


def test_a_declaration_here_and_a_definition_there_is_no_change() -> None:
    declared = OLD | {"s#inner": "structure_type inner { }"}
    a, b = versions("lib/a.o", f=1), versions("lib/b.o", f=3)
    parts = [compare_object(RecordedObject(a, OLD), RecordedObject(a, OLD))]
    parts.append(compare_object(RecordedObject(b, declared), RecordedObject(b, declared)))
    assert not join(parts).changes


def test_locations() -> None:
    class Located(RecordedObject):
        def locations(self, names: Collection[str]) -> Mapping[str, Location]:
            return {name: Location(f"{self.versions.path}.h", 1) for name in names}

    new = OLD | {"s#inner": struct("inner", "t#u")}
    difference = compare_object(Located(versions("a", g=1), OLD), Located(versions("b", g=2), new))
    (cause,) = join([difference]).causes.values()
    assert (cause.old_location, cause.new_location) == (Location("a.h", 1), Location("b.h", 1))


def test_added_removed_namespace_licence_unversioned() -> None:
    before = (Export("gone"), Export("l"), Export("n", "GPL", "NS"), Export("u"))
    after = (Export("came"), Export("l", "GPL"), Export("n"), Export("u"))
    old = ObjectVersions("a.o", "vmlinux", before, {"gone": 1, "l": 1, "n": 1})
    new = ObjectVersions("a.o", "vmlinux", after, {"came": 2, "l": 1, "n": 1, "u": 3})
    comparison = join([compare_object(RecordedObject(old), RecordedObject(new))])
    assert kinds(comparison) == [
        ("came", "added", "", "0x00000002"),
        ("gone", "removed", "0x00000001", ""),
        ("l", "licence", "", "GPL"),
        ("n", "namespace", "NS", ""),
        ("n", "licence", "GPL", ""),
        ("u", "unversioned", "it has no version", "0x00000003"),
    ]
    assert [change.name for change in failing(comparison)] == ["gone", "l", "u"]
    assert [change.name for change in unanswered(comparison)] == ["u"]
    assert comparison.compared == 5


def test_an_object_that_came_or_went() -> None:
    assert kinds(join([compare_object(recorded(f=1), None)])) == [("f", "removed", "0x00000001", "")]
    assert kinds(join([compare_object(None, recorded(f=1))])) == [("f", "added", "", "0x00000001")]
    without = ObjectVersions("a.o", "vmlinux", (Export("f"),), {}, {"f": "no type"})
    assert kinds(join([compare_object(None, RecordedObject(without))])) == [
        ("f", "added", "", "no type"),
        ("f", "unversioned", "", "no type"),
    ]


def test_an_export_that_moved_is_compared_with_itself() -> None:
    parts = [
        compare_object(recorded("a.o", f=1, g=1, stays=1), recorded("a.o", stays=1)),
        compare_object(None, recorded("b.o", f=1, g=2)),
    ]
    new = OLD | {"s#inner": struct("inner", "t#u")}
    old_side = {"a.o": RecordedObject(versions("a.o"), OLD)}
    comparison = join(parts, old_side, {"b.o": RecordedObject(versions("b.o"), new)})
    assert kinds(comparison) == [("g", "version", "0x00000001", "0x00000002")]
    assert [cause.reference for cause in comparison.causes.values()] == ["s#inner"]
    assert comparison.unchanged == (("vmlinux", "a.o", "stays"), ("vmlinux", "b.o", "f"))


def test_another_module_is_a_change() -> None:
    parts = [
        compare_object(recorded("a.o", "vmlinux", f=1), None),
        compare_object(None, recorded("b.o", "b", f=1)),
    ]
    assert kinds(join(parts)) == [("f", "module", "vmlinux", "b")]


def test_who_can_tell_where_a_name_of_two_objects_went() -> None:
    parts = [
        compare_object(recorded("a.o", f=1), None),
        compare_object(recorded("b.o", f=1), None),
        compare_object(None, recorded("c.o", f=1)),
    ]
    assert [change.kind for change in join(parts).changes] == [
        ChangeKind.REMOVED,
        ChangeKind.REMOVED,
        ChangeKind.ADDED,
    ]


def test_a_difference_goes_between_processes() -> None:
    difference = changed(OLD, OLD | {"s#inner": struct("inner", "t#u")}, "f")
    assert pickle.loads(pickle.dumps(difference)) == difference


GRAPHS = st.dictionaries(
    st.sampled_from([f"s#{name}" for name in "abcdefgh"]),
    st.lists(st.sampled_from([f"s#{name}" for name in "abcdefghxy"]), max_size=4),
    max_size=8,
).map(lambda graph: {name: f"structure_type {name[2:]} {{ {' '.join(to)} }}" for name, to in graph.items()})


@given(GRAPHS, st.lists(st.sampled_from([f"s#{name}" for name in "abcdefgh"]), min_size=1))
def test_reaching_is_what_a_walk_from_each_root_finds(types: Types, roots: list[str]) -> None:
    names = [f"s#{name}" for name in "abcdefghxy"]
    bits = {name: 1 << position for position, name in enumerate(names)}
    masks = reached(roots, types, bits)
    for root in roots:
        seen, waiting = {root}, [root]
        while waiting:
            for successor in references(types.get(waiting.pop(), "")):
                if successor not in seen:
                    seen.add(successor)
                    waiting.append(successor)
        assert {name for name in names if masks[root] & bits[name]} == seen


def test_long_chains_need_no_recursion() -> None:
    types = {f"s#{i}": f"structure_type {i} {{ s#{i + 1} }}" for i in range(20_000)}
    assert reached(["s#0"], types, {"s#20000": 1}) == {**dict.fromkeys(types, 1), "s#20000": 1}


@given(GRAPHS)
def test_nothing_differs_from_itself(types: Types) -> None:
    exports = {f"export_{name[2:]}": number for number, name in enumerate(types)}
    whole = types | {f"export_{name[2:]}": f"variable {name}" for name in types}
    side = RecordedObject(versions(**exports), whole)
    comparison = join([compare_object(side, side)])
    assert not comparison.changes
    assert not comparison.causes
    assert len(comparison.unchanged) == len(exports)


@pytest.mark.parametrize("text", ["", "\x1b[2J", "structure_type a { } " * 5])
def test_unreadable_types_are_causes_all_the_same(text: str) -> None:
    comparison = join([changed(OLD, OLD | {"s#inner": text}, "g")])
    (cause,) = comparison.causes.values()
    assert cause.reference == "s#inner"
    assert {line.mark for line in cause.diff} >= {"-"}
