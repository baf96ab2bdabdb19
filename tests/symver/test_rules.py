"""kABI rules: the section that holds them, and what each kind does under --stable."""

from __future__ import annotations

import pytest

from kabicheck.elf.image import Image
from kabicheck.errors import ObjectError
from kabicheck.symver.rules import Rules, read_rules
from tests.dwarf_writer import RULES, Die, die, function, member, pointer, rules, struct_type, variable
from tests.elf_writer import Section, write_elf
from tests.symver.objects import INT, INT_TEXT, Answer, version


def obeying(target: Die, *entries: tuple[str, ...]) -> Answer:
    """The types of `v` under these rules; without --stable they change nothing."""
    section = [rules(*entries)] if entries else []
    assert version(variable("v", target), sections=section).types == version(variable("v", target)).types
    return version(variable("v", target), sections=section, stable=True)


def read(data: bytes) -> Rules:
    return read_rules(Image("x.o", write_elf([Section(RULES, data)])))


# --- what they do --------------------------------------------------------------------------------------


@pytest.mark.parametrize("tag", ["structure", "union", "enumeration"])
def test_declonly(tag: str) -> None:
    inner = die("enumerator", name="A") if tag == "enumeration" else member("a", INT)
    target = die(f"{tag}_type", inner, name="x", byte_size=4)
    reference = {"structure": "s#x", "union": "u#x", "enumeration": "e#x"}[tag]
    assert obeying(target, ("declonly", "x", "")).types[reference] == f"{tag}_type x {{ }}"
    assert obeying(target, ("declonly", "y", "")).types[reference].endswith("byte_size(4)")


def enumeration(*names: str) -> Die:
    return die(
        "enumeration_type",
        *(die("enumerator", name=name, const_value=n) for n, name in enumerate(names)),
        name="e",
    )


def test_enumerator_ignore() -> None:
    def without(*ignored: str) -> str:
        entries = [("enumerator_ignore", f"e {name}", "") for name in ignored]
        return obeying(enumeration("A", "B", "C"), *entries).types["e#e"]

    a, b, c = "enumerator A = 0", "enumerator B = 1", "enumerator C = 2"
    assert without() == f"enumeration_type e {{ {a} , {b} , {c} }}"
    assert without("A") == f"enumeration_type e {{ {b} , {c} }}"
    assert without("B") == f"enumeration_type e {{ {a} , {c} }}"
    assert without("C", "nothing") == f"enumeration_type e {{ {a} , {b} }}"
    # The line breaks around the DIEs that say nothing do not meet (types.c: __type_expand).
    assert without("A", "B", "C") == "enumeration_type e {  }"


def test_enumerator_value() -> None:
    target = enumeration("A", "B")
    target.children.append(die("enumerator", name="C"))
    answer = obeying(
        target,
        ("enumerator_value", "e B", "18446744073709551615"),
        ("enumerator_value", "e C", "5"),
        ("enumerator_value", "f A", "7"),
    )
    assert answer.types["e#e"] == (
        "enumeration_type e { enumerator A = 0 , enumerator B = 18446744073709551615 , enumerator C = 5 }"
    )


def test_enumerators_of_unnamed_enumerations_have_no_rules() -> None:
    target = die("enumeration_type", die("enumerator", name="A", const_value=0))
    answer = obeying(target, ("enumerator_ignore", " A", ""), ("enumerator_value", " A", "5"))
    assert answer.types["v"] == "variable enumeration_type { enumerator A = 0 }"


def test_byte_size() -> None:
    s = struct_type("s", member("a", INT), byte_size=16)
    assert obeying(s, ("byte_size", "s", "8")).types["s#s"].endswith(" byte_size(8)")
    assert (
        obeying(INT, ("byte_size", "int", "2")).types["v"]
        == "variable base_type int byte_size(2) encoding(5)"
    )
    # only where there is one
    assert "byte_size" not in obeying(struct_type("s"), ("byte_size", "s", "8")).types["s#s"]


def test_type_string() -> None:
    s = struct_type("s", member("a", INT), byte_size=4)
    answer = obeying(s, ("type_string", "s#s", "structure_type s { anything }"))
    assert answer.types == {"v": "variable s#s", "s#s": "structure_type s { anything }"}
    assert answer.expanded["v"] == "variable structure_type s { anything }"
    answer = obeying(s, ("type_string", "v", "variable pointer_type { s#s }"))
    assert answer.types["v"] == "variable pointer_type { s#s }"
    assert (
        answer.expanded["v"]
        == f"variable pointer_type {{ structure_type s {{ member {INT_TEXT} a }} byte_size(4) }}"
    )


def test_type_strings_of_types_that_no_die_describes() -> None:
    s = struct_type("s", member("a", INT))
    answer = obeying(
        s,
        ("type_string", "s#s", "structure_type s { member s#'new one' a , member s#'new one' b }"),
        ("type_string", "s#'new one'", "structure_type new one { e#last }"),
        ("type_string", "e#last", "last"),
    )
    assert answer.expanded["v"] == (
        "variable structure_type s { member structure_type new one { last } a , member s#'new one' b }"
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty type string override for 's#s'"),
        ("member s# x", "empty s# type name"),
        ("member u#'' x", "empty u# type name"),
        ("member t#'open x", "incomplete t# type reference"),
        ("e#", "empty e# type name"),
        ("member s#absent", "unknown type reference to 's#absent'"),
    ],
)
def test_type_strings_that_make_no_sense(value: str, words: str) -> None:
    with pytest.raises(ObjectError, match=f"^x.o: {words}"):
        version(variable("v", struct_type("s")), sections=[rules(("type_string", "s#s", value))], stable=True)


def test_of_two_rules_for_one_target_the_last_counts() -> None:
    s = struct_type("s", byte_size=16)
    answer = obeying(s, ("byte_size", "s", "1"), ("byte_size", "s", "2"))
    assert answer.types["s#s"] == "structure_type s { } byte_size(2)"


def test_stable_without_rules_changes_nothing() -> None:
    s = struct_type("s", member("a", INT), byte_size=16)
    dies = function("f", pointer(s)), variable("v", s)
    plain, stable = version(*dies, names=("f", "v")), version(*dies, names=("f", "v"), stable=True)
    assert plain.proven
    assert stable.proven
    assert plain.types == stable.types


# --- the section ---------------------------------------------------------------------------------------


def test_no_section() -> None:
    found = read_rules(Image("x.o", write_elf([])))
    assert not found
    assert found.values == {}


def test_reading() -> None:
    found = read(b"1\0declonly\0a b\0\0" + b"1\0byte_size\0s\0008\0" + b"1\0type_string\0s#caf\xe9\0x\0")
    assert found
    assert found.values == {
        ("declonly", "a b"): "",
        ("byte_size", "s"): "8",
        ("type_string", "s#caf\xe9"): "x",
    }
    assert found.is_declonly("a b")
    assert not found.is_declonly("")
    assert found.type_string("s#caf\xe9") == "x"
    assert found.type_string("") is None


@pytest.mark.parametrize(
    ("data", "words", "at"),
    [
        (b"1\0a\0\0", "too small: 5 bytes", 0),
        (b"1\0declonly\0s\0x", "not null-terminated", 13),
        (b"2\0declonly\0s\0\0", "unsupported kABI rule version: '2'", 0),
        (b"\0\0\0\0\0\0\0\0", "unsupported kABI rule version: ''", 0),
        (b"1\0declonly\0s\0\0001\0fancy\0s\0\0", "unsupported kABI rule type: 'fancy'", 14),
        (b"1\0declonly\0s\0\0001\0declonly\0", "unexpected end", 14),
        (b"1\0declonly\0", "unexpected end", 0),
    ],
)
def test_malformed_sections(data: bytes, words: str, at: int) -> None:
    with pytest.raises(ObjectError, match=words) as caught:
        read(data)
    assert str(caught.value).startswith("x.o: ")
    assert str(caught.value).endswith(f" at {RULES}+{at:#x}")


def test_what_is_too_short_for_a_rule_is_passed_over() -> None:
    assert read(b"1\0declonly\0s\0\0" + b"junk!\0").values == {("declonly", "s"): ""}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("8", 8),
        ("018", 18),
        ("+8", 8),
        (" \t8", 8),
        ("", 0),
        ("18446744073709551615", 18446744073709551615),
        ("-1", 18446744073709551615),
        ("-18446744073709551615", 1),
    ],
)
def test_numbers(text: str, value: int) -> None:
    """What strtoul makes of them."""
    assert Rules("x.o", {("byte_size", "s"): text}).byte_size("s") == value
    assert Rules("x.o", {("enumerator_value", "e A"): text}).enumerator_value("e", "A") == value


@pytest.mark.parametrize(
    "text", ["8 ", "0x8", "eight", "8.0", "18446744073709551616", "--1", "+", " ", "\u0663"]
)
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(ObjectError, match=r"^x\.o: invalid unsigned value '.*' at \.discard"):
        Rules("x.o", {("byte_size", "s"): text}).byte_size("s")
