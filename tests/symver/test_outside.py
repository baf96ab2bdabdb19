"""kABI rules outside the source are what the same rule compiled in is: the same type strings, the same versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.errors import UsageError
from kabicheck.formats.kabi import KabiRule
from kabicheck.symver.engine import exact
from kabicheck.symver.object import ExportReading
from kabicheck.symver.rules import Rules
from tests.kabi_macros import compile_header
from tests.symver.kabi_cases import CASES, Case

if TYPE_CHECKING:
    from pathlib import Path


def types(obj: Path, *rules: KabiRule) -> tuple[dict[str, str], dict[str, int]]:
    reading = ExportReading(obj, stable=True, kabi=rules)
    assert reading.reading.used == set(rules), "a rule that nothing was found for"
    return dict(reading.types()), dict(reading.versions().versions)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_outside_is_the_one_compiled_in(case: Case, tmp_path: Path) -> None:
    inside, plain, base = (
        compile_header(text, tmp_path / side / "x.o", case.code, case.exports)
        for side, text in (("inside", case.inside), ("plain", case.plain), ("base", case.base or case.inside))
    )
    expected = types(inside)
    assert types(plain, *case.rules) == expected
    assert types(plain) != expected, "a case in which the rules do something"
    if case.base:
        assert types(base)[1] == expected[1]


def one(tmp_path: Path, text: str = "struct s { int a; };") -> Path:
    return compile_header(text, tmp_path / "x.o", "struct s v;", ("v",))


def test_a_rule_for_other_objects_does_nothing(tmp_path: Path) -> None:
    obj = one(tmp_path)
    for rule in (
        KabiRule("declonly", "s", objects=("lib/*.o",)),
        KabiRule("declonly", "other"),
        KabiRule("type_string", "w", "variable t#x"),
        KabiRule("member_ignore", "s b"),
    ):
        reading = ExportReading(obj, name="net/x.o", stable=True, kabi=[rule])
        assert not reading.reading.used
        assert reading.types() == ExportReading(obj).types()
    covering = ExportReading(
        obj, name="lib/x.o", stable=True, kabi=[KabiRule("declonly", "s", objects=("lib/*.o",))]
    )
    assert covering.types()["s#s"] == "structure_type s { }"


def test_objects_without_a_rules_names_stay_on_the_quick_way(tmp_path: Path) -> None:
    reading = ExportReading(one(tmp_path), stable=True, kabi=[KabiRule("declonly", "nowhere")])
    assert reading.reading.exact == ""


@pytest.mark.parametrize(
    ("rule", "reached"),
    [
        (KabiRule("declonly", "other"), False),
        (KabiRule("member_ignore", "other b"), False),
        (KabiRule("byte_size", "other", "1"), False),
        (KabiRule("byte_size", "short int", "1"), False),
        (KabiRule("type_string", "s#other", "x"), False),
        (KabiRule("type_string", "s#s", "x"), True),
        (KabiRule("declonly", "s"), True),
        (KabiRule("member_ignore", "s absent"), False),
        (KabiRule("member_ignore", "s b"), True),
        (KabiRule("byte_size", "int", "1"), True),
        (KabiRule("byte_size", "long_t", "1"), True),
        (KabiRule("type_string", "v", "x"), True),
    ],
    ids=lambda value: f"{value.rule} {value.target}" if isinstance(value, KabiRule) else "",
)
def test_what_no_export_reaches_needs_no_exact_walk(rule: KabiRule, reached: bool, tmp_path: Path) -> None:
    code = "struct s v; struct other { short b; } w;"
    obj = compile_header(
        "typedef long long_t; struct s { int a; long_t b; };", tmp_path / "x.o", code, ("v",)
    )
    reading = ExportReading(obj, stable=True, kabi=[rule]).reading
    assert (reading.exact == "") != reached
    rules = Rules(str(obj))
    rules.add([rule])
    walked = exact(reading.info, ["v"], rules)
    assert walked.strings.named == reading.strings.named
    assert walked.strings.symbols == reading.strings.symbols


def test_a_rule_outside_comes_after_those_in_the_source(tmp_path: Path) -> None:
    obj = one(tmp_path, "struct s { int a; }; KABI_BYTE_SIZE(s, 7);")
    assert types(obj)[0]["s#s"].endswith("byte_size(7)")
    assert types(obj, KabiRule("byte_size", "s", "9"))[0]["s#s"].endswith("byte_size(9)")


@pytest.mark.parametrize(
    "rule",
    [
        KabiRule("type_string", "s#s", "structure_type s { member s#gone a }", place="f.toml: [[kabi]] 3"),
        KabiRule("member_replace", "s a", "t#gone", name="b", place="f.toml: [[kabi]] 3"),
    ],
    ids=lambda rule: rule.rule,
)
def test_a_type_that_is_not_there_is_an_error_with_the_rules_place(rule: KabiRule, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"^f\.toml: \[\[kabi\]\] 3: value: .*x\.o has no type [st]#gone"):
        ExportReading(one(tmp_path), stable=True, kabi=[rule])


def test_names_beyond_ascii(tmp_path: Path) -> None:
    obj = one(tmp_path, "struct s { int ä; int b; };")
    rule = KabiRule("member_replace", "s ä", "base_type int byte_size(4) encoding(5)", name="ö")
    assert "encoding(5) ö data".encode().decode("latin-1") in types(obj, rule)[0]["s#s"]
