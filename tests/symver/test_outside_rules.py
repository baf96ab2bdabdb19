"""kABI rules outside the source are what the same rule compiled in is: the same type strings, the same versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.elf.image import Image
from kabicheck.errors import UsageError
from kabicheck.formats.kabi_rules import KabiRule
from kabicheck.symver.object import ExportReading
from tests.kabi_macros import compile_header
from tests.symver.kabi_cases import CASES, Case
from tests.symver.objects import both_ways

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
    both_ways(Image(plain), case.exports, stable=True, kabi=case.rules)
    both_ways(Image(inside), case.exports, stable=True)
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
    ("rule", "used"),
    [
        (KabiRule("declonly", "other"), False),
        (KabiRule("member_ignore", "other b"), False),
        (KabiRule("byte_size", "other", "1"), False),
        (KabiRule("byte_size", "short int", "1"), False),
        (KabiRule("byte_size", "long_t", "1"), False),  # a typedef has none
        (KabiRule("type_string", "s#other", "x"), False),
        (KabiRule("member_ignore", "s absent"), False),
        (KabiRule("declonly", "s"), True),
        (KabiRule("declonly", "e"), True),
        (KabiRule("member_ignore", "s b"), True),
        (KabiRule("member_ignore", "s inner.d"), True),
        (KabiRule("member_ignore", "t y"), True),
        (KabiRule("member_use", "s b", "pointer_type { s#s } byte_size(8)"), True),
        (KabiRule("member_use", "s flag", "t#long_t"), True),
        (KabiRule("member_replace", "s b", "t#long_t", name="old"), True),
        (KabiRule("member_replace", "s c", "pointer_type { e#e } byte_size(8)", name="old"), True),
        (KabiRule("enumerator_ignore", "e A"), True),
        (KabiRule("enumerator_value", "e B", "7"), True),
        (KabiRule("byte_size", "s", "1"), True),
        (KabiRule("byte_size", "int", "1"), True),
        (KabiRule("alignment", "int", "8"), False),
        (KabiRule("alignment", "long_t", "8"), False),
        (KabiRule("alignment", "other", "8"), False),
        (KabiRule("alignment", "s", "8"), True),
        (KabiRule("alignment", "e", "8"), True),
        (KabiRule("type_string", "s#s", "x"), True),
        (KabiRule("type_string", "v", "x"), True),
    ],
    ids=lambda value: f"{value.rule} {value.target}" if isinstance(value, KabiRule) else "",
)
def test_each_rule_the_quick_way(rule: KabiRule, used: bool, tmp_path: Path) -> None:
    header = """\
typedef long long_t; typedef struct { int x; int y; } t; enum e { A, B };
struct s { int a; long_t b; struct s *c; struct { int d; } inner; unsigned flag : 1; enum e e; t t; };
"""
    code = "struct s v; int f(struct s *p) { return p != 0; } struct other { short b; } w;"
    image = Image(compile_header(header, tmp_path / "x.o", code, ("v", "f")))
    answer = both_ways(image, ("v", "f"), stable=True, kabi=[rule])
    assert (answer.types != both_ways(image, ("v", "f")).types) == used
    # members of unnamed structures, and a placeholder that may forget the name
    assert answer.proven != (rule.target in {"s inner.d", "t y", "s c"})


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
