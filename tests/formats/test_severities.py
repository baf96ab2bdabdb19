"""Severity rules of suse-kabi-tools: its own cases, and its wildcards."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kabicheck.errors import UsageError
from kabicheck.formats.severities import (
    SeverityRule,
    Subject,
    first_match,
    matches_wildcard,
    parse_severities,
    read_severities,
)

if TYPE_CHECKING:
    from pathlib import Path

MODULE = "lib/test_module.ko"


def parse(*lines: str) -> tuple[SeverityRule, ...]:
    return parse_severities("".join(f"{line}\n" for line in lines), "f")


def tolerated(rules: tuple[SeverityRule, ...], name: str, module: str = MODULE, namespace: str = "") -> bool:
    rule = first_match(rules, name, module, namespace)
    return rule is not None and rule.tolerates


@pytest.mark.parametrize(
    ("pattern", "subject"),
    [
        ("lib/test_module.ko", Subject.MODULE),
        ("vmlinux", Subject.MODULE),
        ("TEST_NAMESPACE", Subject.NAMESPACE),
        ("symbol_name", Subject.EXPORT),
        ("test_module.ko", Subject.EXPORT),
        ("vmlinux2", Subject.EXPORT),
        ("test_namespace", Subject.EXPORT),
    ],
)
def test_what_a_pattern_is_about(pattern: str, subject: Subject) -> None:
    [rule] = parse(f"{pattern} PASS")
    assert rule.subject is subject


def test_reading(tmp_path: Path) -> None:
    file = tmp_path / "severities"
    file.write_text("# comment 1\n\n  foo   PASS # comment 2\nlib/bar.ko\tFAIL# comment 3\n#foo PASS\n")
    assert [(rule.pattern, rule.tolerates, rule.place) for rule in read_severities(file)] == [
        ("foo", True, f"{file}:3"),
        ("lib/bar.ko", False, f"{file}:4"),
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("symbol_name", "f:2: the rule does not specify a verdict"),
        ("symbol_name OK", "f:2: invalid verdict 'OK', must be either PASS or FAIL"),
        ("symbol_name PASS garbage", "f:2: unexpected string 'garbage' found after the verdict"),
    ],
)
def test_what_is_no_rule(line: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse("foo PASS", line)


def test_exports() -> None:
    rules = parse("foo PASS", "bar FAIL", "baz* PASS")
    assert [tolerated(rules, name) for name in ("foo", "bar", "bazi", "qux")] == [True, False, True, False]


def test_modules() -> None:
    rules = parse("lib/foo.ko PASS", "lib/bar.ko FAIL", "lib/baz*.ko PASS")
    modules = ("lib/foo.ko", "lib/bar.ko", "lib/bazi.ko", "lib/qux.ko")
    assert [tolerated(rules, "symbol_name", module) for module in modules] == [True, False, True, False]


def test_namespaces() -> None:
    rules = parse("FOO_NS PASS", "BAR_NS FAIL", "BAZ*_NS PASS")
    namespaces = ("FOO_NS", "BAR_NS", "BAZI_NS", "QUX_NS")
    found = [tolerated(rules, "symbol_name", MODULE, namespace) for namespace in namespaces]
    assert found == [True, False, True, False]
    # A pattern without a letter is about namespaces, and what has none is in none.
    assert not tolerated(parse("* PASS"), "symbol_name")


def test_the_first_match_decides() -> None:
    assert tolerated(parse("foo* PASS", "foobar FAIL"), "foobar")
    assert not tolerated(parse("foobar FAIL", "foo* PASS"), "foobar")


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("", [""], ["a"]),
        ("abc", ["abc"], ["Xbc", "abcd"]),
        ("*", ["", "abc"], []),
        ("a****c", ["ac", "abc"], ["ab"]),
        ("a*b*c", ["a-b-c"], ["acb"]),
        ("*bc", ["abc", "bc"], ["abcd"]),
        ("?", ["a"], ["", "ab"]),
        ("a???c", ["abdec"], ["abc"]),
        ("[abc]de", ["bde"], ["dde", "de"]),
        ("d[abc][abc]e", ["dabe"], ["dae"]),
        ("[^abc]", ["d"], ["", "a", "ab"]),
        ("[a-cD-EF]", ["a", "b", "D", "F"], ["d", "G"]),
        ("[]]", ["]"], ["["]),
        ("[^]]", ["a"], ["]"]),
        ("[-]", ["-"], ["a"]),
        ("[^-]", ["a"], ["-"]),
        ("[^]-]", ["a"], ["]", "-"]),
        ("a.b", ["a.b"], ["axb"]),
        ("[", ["["], ["a"]),
        ("[z-a]", ["[z-a]"], ["b"]),
        ("[a&&b]", ["a", "&"], ["c"]),
    ],
)
def test_wildcards(pattern: str, matching: list[str], others: list[str]) -> None:
    assert [text for text in matching if not matches_wildcard(text, pattern)] == []
    assert [text for text in others if matches_wildcard(text, pattern)] == []


def test_many_stars_end() -> None:
    """Each way to spread them over the text would be tried by a pattern that goes back."""
    assert not matches_wildcard("a" * 400, "*a" * 30 + "*b")
    assert matches_wildcard("a" * 400 + "b", "*a" * 30 + "*b")


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_stars_as_in_fnmatch(pattern: str, text: str) -> None:
    assert matches_wildcard(text, pattern) == fnmatchcase(text, pattern)


@given(st.text("ab[]^-*?\\.&|~", max_size=12), st.text("ab[]^-*?", max_size=6))
@example("[?--]", "")
def test_any_pattern_is_one(pattern: str, text: str) -> None:
    assert matches_wildcard(text, pattern) in {True, False}
    assert matches_wildcard(text, "*")
