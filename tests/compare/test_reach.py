"""Which types an export reaches, and how."""

from __future__ import annotations

from kabicheck.compare.reach import by_distance, reached, shortest_path

TYPES = {
    "f": "subprogram ( formal_parameter pointer_type { s#a } byte_size(8) p ) -> base_type void",
    "g": "variable s#c",
    "s#a": "structure_type a { member pointer_type { s#b } byte_size(8) b data_member_location(0) } byte_size(8)",
    "s#b": "structure_type b { member pointer_type { s#a } byte_size(8) a data_member_location(0) , "
    "member s#c c data_member_location(8) } byte_size(16)",
    "s#c": "structure_type c { member s#unknown u data_member_location(0) } byte_size(8)",
}


def test_what_is_reached_in_circles_too() -> None:
    bits = {"f": 1, "s#a": 2, "s#b": 4, "s#c": 8}
    masks = reached(["f", "g"], TYPES, bits)
    assert {name: masks[name] for name in ("f", "g")} == {"f": 1 | 2 | 4 | 8, "g": 8}


def test_the_nearest_export_and_the_shortest_way() -> None:
    assert shortest_path(["f", "g"], "s#c", TYPES) == ("g", "s#c")
    assert shortest_path(["f"], "s#c", TYPES) == ("f", "s#a", "s#b", "s#c")
    assert shortest_path(["f"], "f", TYPES) == ("f",)
    assert shortest_path(["g"], "s#a", TYPES) == ()


def test_by_distance() -> None:
    assert [*by_distance("f", TYPES)] == ["f", "s#a", "s#b", "s#c", "s#unknown"]
