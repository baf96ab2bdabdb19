"""kABI rules on the quick way: test_rules.py and test_outside_rules.py hold it to the exact walk's strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.dwarf.info import DebugInfo
from kabicheck.elf.image import Image
from kabicheck.formats.kabi_rules import KabiRule
from kabicheck.symver import engine
from kabicheck.symver.quick import QuickReading
from kabicheck.symver.ruled import _ruled
from kabicheck.symver.rules import Rules
from tests.dwarf.objects import read
from tests.dwarf_writer import Unit, die, member, pointer, struct_type, variable, write
from tests.symver.objects import INT, INT_TEXT, both_ways

if TYPE_CHECKING:
    from tests.dwarf_writer import Die


def rules_of(*rules: KabiRule, inside: dict[tuple[str, str], str] | None = None) -> Rules:
    found = Rules("x.o", dict(inside or {}))
    found.add(rules)
    return found


def test_the_types_that_rules_may_be_about() -> None:
    """An enumerator's rule may be for any beginning of its words: names have spaces in Rust."""
    inside = {
        ("declonly", "s"): "",
        ("byte_size", "a b"): "8",
        ("enumerator_ignore", "e<u8, u8> A"): "",
        ("type_string", "s#t"): "x",
    }
    found = _ruled(rules_of(KabiRule("member_ignore", "m n"), inside=inside))
    assert found == {" s", " a b", " e<u8,", " e<u8, u8>", " m"}


def test_what_a_rule_leaves_out_is_not_reached() -> None:
    hidden, kept = struct_type("hidden", member("x", INT)), struct_type("kept", member("x", INT))
    s = struct_type("s", member("a", pointer(hidden)), member("b", pointer(kept)))
    info = read(Unit(variable("v", s)))

    def reached(*rules: KabiRule, **inside: str) -> set[str]:
        given = rules_of(*rules, inside=dict.fromkeys(inside.items(), ""))
        return set(QuickReading(info, ["v"], given).strings.named)

    assert reached(declonly="nothing") == {"s#s", "s#hidden", "s#kept"}
    assert reached(declonly="s") == {"s#s"}
    assert reached(KabiRule("member_ignore", "s a")) == {"s#s", "s#kept"}
    assert reached(KabiRule("member_use", "s a", "s#kept")) == {"s#s", "s#kept"}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (KabiRule("byte_size", "s", "9"), f"{{ member {INT_TEXT} a }} byte_size(9) alignment(4)"),
        (KabiRule("alignment", "s", "16"), f"{{ member {INT_TEXT} a }} byte_size(4) alignment(16)"),
        (KabiRule("declonly", "s"), "{ }"),
        (KabiRule("member_ignore", "s a"), "{ } byte_size(4) alignment(4)"),
        (KabiRule("member_use", "s a", "one {{ }}"), "{ member one {{ }} } byte_size(4) alignment(4)"),
        (KabiRule("byte_size", "int", "2"), None),
    ],
    ids=lambda value: f"{value.rule} {value.target}" if isinstance(value, KabiRule) else "",
)
def test_a_structures_text(rule: KabiRule, text: str | None) -> None:
    s = struct_type("s", member("a", INT), byte_size=4, alignment=4)
    image = Image("x.o", write([Unit(variable("v", s))]))
    answer = both_ways(image, ["v"], stable=True, kabi=[rule])
    assert answer.proven
    expected = text or f"{{ member {INT_TEXT.replace('(4)', '(2)')} a }} byte_size(4) alignment(4)"
    assert answer.types["s#s"] == f"structure_type s {expected}"


def test_rules_that_nothing_was_found_for_are_not_used() -> None:
    info = DebugInfo(Image("x.o", write([Unit(variable("v", enumeration()))])))
    used, unused = KabiRule("enumerator_ignore", "e A"), KabiRule("enumerator_ignore", "e Z")
    rules = rules_of(used, unused)
    found = engine.quick(info, ["v"], rules)
    assert found.strings.named["e#e"] == "enumeration_type e { enumerator B = 1 }"
    assert rules.used == {used}


def enumeration() -> Die:
    return die(
        "enumeration_type",
        *(die("enumerator", name=name, const_value=number) for number, name in enumerate("AB")),
        name="e",
    )
