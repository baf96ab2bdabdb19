"""`[[kabi]]` tables: what is read, what is written, and what is said of what makes no sense."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kabicheck import tables
from kabicheck.errors import UsageError
from kabicheck.formats.kabi_rules import (
    KINDS,
    LIMIT,
    KabiRule,
    parse_rules,
    read_rules,
    split_type,
    write_rules,
)

if TYPE_CHECKING:
    from pathlib import Path


def parse(text: str) -> tuple[KabiRule, ...]:
    return parse_rules(tables.parse_tables(text.encode(), "f.toml", LIMIT).get("kabi", []), "f.toml")


def error(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parse(text)
    return str(caught.value)


def test_reading() -> None:
    ignore, value, member = parse("""
        [[kabi]]
        rule = "enumerator_ignore"
        target = "irq_mode IRQ_POLLED"
        reason = "added by an update"

        [[kabi]]
        rule = "byte_size"
        target = "foo"
        value = 18446744073709551615
        objects = ["lib/*.o", "net/core/dev.o"]

        [[kabi]]
        rule = "member_replace"
        target = "foo u.count"
        name = "old"
        value = "pointer_type { s#bar } byte_size(8)"
    """)
    assert (ignore.owner, ignore.member, ignore.reason) == ("irq_mode", "IRQ_POLLED", "added by an update")
    assert value.value == "18446744073709551615"
    assert [value.covers(path) for path in ("lib/a.o", "net/core/dev.o", "net/core/sock.o")] == [
        True,
        True,
        False,
    ]
    assert (value.owner, value.member) == ("foo", "")
    assert (member.owner, member.member, member.name) == ("foo", "u.count", "old")
    assert str(member) == "f.toml: [[kabi]] 3: member_replace foo u.count"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "rule is missing"),
        ('rule = "declonly"', "target is missing"),
        ('rule = "declonli"\ntarget = "s"', "rule must be one of declonly, enumerator_ignore,"),
        ('rule = "declonly"\ntarget = ""', "target must be a string that is not empty"),
        ('rule = "declonly"\ntarget = "s"\nvalue = ""', "declonly takes no value"),
        ('rule = "byte_size"\ntarget = "s"', "value is missing"),
        ('rule = "byte_size"\ntarget = "s"\nvalue = "8"', "value must be a whole number of up to 64 bits"),
        (
            'rule = "byte_size"\ntarget = "s"\nvalue = -1',
            "value must be a whole number of up to 64 bits, not -1",
        ),
        ('rule = "type_string"\ntarget = "s#s"\nvalue = 8', "value must be a string"),
        (
            'rule = "type_string"\ntarget = "s#s"\nvalue = "a s# b"',
            "value must be a type string, with a whole name",
        ),
        ('rule = "type_string"\ntarget = "s#s"\nvalue = "s#\'open"', "value must be a type string, with"),
        ('rule = "type_string"\ntarget = "s#s"\nvalue = "x"\nname = "n"', "type_string takes no name"),
        (
            'rule = "member_ignore"\ntarget = "s"',
            "target must be the type's name and the member's, \"TYPE MEMBER\"",
        ),
        ('rule = "enumerator_ignore"\ntarget = "e "', 'and the enumerator\'s, "TYPE ENUMERATOR", not "e "'),
        ('rule = "member_replace"\ntarget = "s m"\nvalue = "x"', "name is missing"),
        ('rule = "declonly"\ntarget = "s"\nobjets = []', 'unknown key "objets" (did you mean objects?)'),
        ('rule = "declonly"\ntarget = "s"\nobjects = "x"', "objects must be an array of strings"),
    ],
)
def test_what_is_not_allowed(table: str, said: str) -> None:
    text = f'[[kabi]]\nrule = "declonly"\ntarget = "first"\n[[kabi]]\n{table}\n'
    assert error(text).startswith("f.toml: [[kabi]] 2: ")
    assert said in error(text)


def test_two_rules_for_one_target() -> None:
    rule = '[[kabi]]\nrule = "byte_size"\ntarget = "s"\nvalue = 1\n'
    assert "[[kabi]] 2: the same rule, target and objects as [[kabi]] 1" in error(rule * 2)
    assert len(parse(rule + rule + 'objects = ["a.o"]\n')) == 2


def test_a_file_holds_rules_only(tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[kabi]]\nrule = "declonly"\ntarget = "s"\n')
    assert read_rules(file) == (KabiRule("declonly", "s"),)
    file.write_text("[check]\n")
    with pytest.raises(UsageError, match=f'^{re.escape(str(file))}: unknown key "check"'):
        read_rules(file)
    with pytest.raises(UsageError, match="must be an array of tables, not a table"):
        parse("[kabi]\n")


def test_splitting() -> None:
    assert list(split_type("a s#b c s#'d e'f")) == [("a ", "s#b"), (" c ", "s#'d e'"), ("f", "")]


names = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="#'"), min_size=1, max_size=9)
types = names.map("member s#{} x".format) | names


@st.composite
def rules(draw: st.DrawFn) -> KabiRule:
    kind = draw(st.sampled_from(sorted(KINDS)))
    needs = KINDS[kind]
    number = st.integers(0, (1 << 64) - 1).map(str)
    return KabiRule(
        kind,
        f"{draw(names)} {draw(names)}" if needs.member else draw(names),
        draw(number if needs.value is int else types) if needs.value else "",
        draw(names) if needs.name else "",
        tuple(draw(st.lists(names, max_size=2))),
        draw(st.just("") | names),
    )


@given(st.lists(rules(), max_size=4, unique_by=lambda rule: (rule.rule, rule.target, rule.objects)))
def test_what_is_written_is_read(written: list[KabiRule]) -> None:
    assert parse(write_rules(written)) == tuple(written)
