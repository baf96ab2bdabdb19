"""Remedies over whole builds: what helps one object must not harm another, and versions are the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.kabi_rules import KabiRule
from kabicheck.objects.directory import read_directory
from kabicheck.pipeline.remedies import ObjectsUnderRules
from kabicheck.remedy.proof import Remedy, all_rules, find_remedies
from tests.kabi_macros import compile_header

if TYPE_CHECKING:
    from pathlib import Path

Source = tuple[str, str, tuple[str, ...]]  # header, code, exports


def remedies(folder: Path, old: dict[str, Source], new: dict[str, Source]) -> tuple[Remedy, ...]:
    """Of two builds, given as name → source; the rules are shown to hold before they are returned."""
    for side, sources in (("old", old), ("new", new)):
        for name, (header, code, exports) in sources.items():
            compile_header(header, folder / side / f"{name}.o", code, exports)
    sides = ObjectsUnderRules(read_directory(folder / "old"), read_directory(folder / "new"))
    found = find_remedies(sides.compare(()), sides)
    changed = {(c.object, c.name) for c in sides.compare(all_rules(found)).changes}
    assert changed == {export for remedy in found if remedy.refused for export in remedy.cause.exports}
    return found


def test_what_is_for_one_object_only(tmp_path: Path) -> None:
    """A definition came into sight in one object; in the other one it always was."""
    declared, defined = "struct t;", "struct t { int a; };"
    use = "struct s { struct t *p; };"
    code, exports = "struct s v;", ("v",)
    [found] = remedies(
        tmp_path,
        {"a": (declared + use, code, exports), "b": (defined + use, code, exports)},
        {"a": (defined + use, code, exports), "b": (defined + use, code, exports)},
    )
    assert found.rules == (KabiRule("declonly", "t", objects=("a.o",)),)


def test_one_rule_for_all_objects(tmp_path: Path) -> None:
    code, exports = "int f(struct s *p) { return p != 0; }", ("f",)
    old, new = "struct s { int a; long b; };", "struct s { int a; int n; long b; };"
    [found] = remedies(
        tmp_path,
        dict.fromkeys(("a", "b"), (old, code, exports)),
        dict.fromkeys(("a", "b"), (new, code, exports)),
    )
    assert found.rules == (KabiRule("member_ignore", "s n"),)
    assert len(found.cause.exports) == 2


def test_a_rule_that_changes_other_types_is_none(tmp_path: Path) -> None:
    """The tool gives the name of a replaced last member to what is around it, so that only a type string helps."""
    header = "struct inner {{ int a; {} }}; struct s {{ struct inner first; struct inner second; }};"
    code, exports = "struct s v;", ("v",)
    [found] = remedies(
        tmp_path,
        {"a": (header.format("long old;"), code, exports)},
        {"a": (header.format("long now;"), code, exports)},
    )
    assert [(rule.rule, rule.target) for rule in found.rules] == [("type_string", "s#inner")]


@pytest.mark.parametrize("other", ["struct w { int a; };", "struct w { int a; long b; };"])
def test_exports_that_another_cause_changes_too(other: str, tmp_path: Path) -> None:
    """Of two changed types one lost a member: what reaches both cannot be kept, what reaches the other one can."""
    types = "struct s {{ int a; {} long b; struct w *w; }}; {}"
    code = (
        "int v(struct s *p) { return !p; } int x(struct w *p) { return !p; } struct s *f(void) { return 0; }"
    )
    found = remedies(
        tmp_path,
        {"a": (types.format("", "struct w { int a; long b; };"), code, ("v", "x", "f"))},
        {"a": (types.format("int n;", other), code, ("v", "x", "f"))},
    )
    by_type = {remedy.cause.reference: remedy for remedy in found}
    if "b" in other:
        assert by_type["s#s"].rules == (KabiRule("member_ignore", "s n"),)
    else:
        assert by_type["s#w"].refused == "b is gone, or something larger is at its place"
        assert by_type["s#s"].refused == f"struct w changes the same exports: {by_type['s#w'].refused}"


def test_rules_that_hide_what_another_rule_refers_to(tmp_path: Path) -> None:
    """Where each helps, but the two take a type away from each other, the next one is tried, and no other is harmed."""
    header = "typedef int a; typedef int b; struct s {{ {} x; }}; struct k {{ int {}; int z; }};"
    code = "void f(struct s *p, {} z) {{ }} void g(struct k *p) {{ }}"
    found = remedies(
        tmp_path,
        {"a": (header.format("a", "k"), code.format("b"), ("f", "g"))},
        {"a": (header.format("b", "l"), code.format("a"), ("f", "g"))},
    )
    assert {(remedy.cause.reference, *[rule.rule for rule in remedy.rules]) for remedy in found} == {
        ("f", "type_string"),
        ("s#s", "type_string"),
        ("s#k", "member_replace"),
    }


def test_the_cause_that_is_named_changes_the_same_export(tmp_path: Path) -> None:
    header = "struct s {{ int a; {} long b; }}; struct w {{ {} a; }}; struct x {{ {} a; }};"
    code, exports = "void f(struct x *p) { } int g(struct w *q, struct s *p) { return 0; }", ("f", "g")
    found = remedies(
        tmp_path,
        {"a": (header.format("", "int", "int"), code, exports)},
        {"a": (header.format("int n;", "long", "long"), code, exports)},
    )
    [added] = [remedy for remedy in found if remedy.cause.reference == "s#s"]
    assert added.refused.startswith("struct w changes the same exports")


def test_who_minds_growth_in_another_object(tmp_path: Path) -> None:
    """One object only hands it out, the other one passes it by value."""
    handed = ("struct s *f(void) { return 0; }", ("f",))
    passed = ("struct s *f(void) { return 0; } int g(struct s v) { return v.a; }", ("f", "g"))
    found = remedies(
        tmp_path,
        {"a": ("struct s { int a; };", *handed), "b": ("struct s { int a; };", *passed)},
        {"a": ("struct s { int a; int n; };", *handed), "b": ("struct s { int a; int n; };", *passed)},
    )
    assert {remedy.refused for remedy in found} == {"it grows, and g passes it by value"}


def test_two_causes_at_once_with_growth(tmp_path: Path) -> None:
    types = "enum e {{ A, {} LAST }}; struct s {{ enum e *e; {} }};"
    code, exports = "struct s *f(enum e e) { return 0; } enum e v;", ("f", "v")
    found = remedies(
        tmp_path,
        {"a": (types.format("", ""), code, exports)},
        {"a": (types.format("NEW,", "int n; int m;"), code, exports)},
    )
    rules = {(rule.rule, rule.target, rule.value) for rule in all_rules(found)}
    assert rules == {
        ("enumerator_ignore", "e NEW", ""),
        ("enumerator_value", "e LAST", "1"),
        ("member_ignore", "s n", ""),
        ("member_ignore", "s m", ""),
        ("byte_size", "s", "8"),
    }
    assert {caution for remedy in found for caution in remedy.cautions} == {
        "s may grow only if modules neither allocate nor embed it, and nobody indexes it",
        "the kernel may hand modules NEW, which those built before do not know",
        "modules built before count up to LAST as it was: no array that they share with the kernel may have its size",
    }
