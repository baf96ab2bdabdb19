"""Rules, their fixture pairs and their pages, in step with one another. See rules/README.md."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.compare.classify import classify
from kabicheck.compare.failing import fails
from kabicheck.compare.rules.rule import Rule
from kabicheck.compare.rules.table import EXPORT_RULES, RULES, TYPE_RULES, mirror, plain, severity
from kabicheck.model import Severity
from kabicheck.pipeline.input_pairs import compare_inputs
from kabicheck.pipeline.inputs import read_input
from kabicheck.policy.policy import Policy
from tests.compare.fixture_pairs import CASES
from tests.compare.pages import index, page

if TYPE_CHECKING:
    from kabicheck.model import Comparison, Finding

FIXTURES = Path(__file__).parent / "rules"
PAGES = Path(__file__).parents[2] / "docs" / "rules"
MODULES = Path(__file__).parents[2] / "kabicheck" / "compare" / "rules"
WRITE = bool(os.environ.get("KABICHECK_WRITE_GOLDEN"))
NOT_RULES = {"__init__", "rule", "table"}


def side(rule_id: str, name: str, folder: Path) -> Path:
    """What one side compares: a compiled header, or the fixture itself."""
    (fixture,) = (FIXTURES / rule_id / name).iterdir()
    if fixture.name != "api.h":
        return fixture
    source = folder / name
    shutil.copytree(fixture.parent, source)
    shutil.copy(CASES / "export.h", source)
    (source / "object.c").write_text('#include "api.h"\n')
    options = ["-gdwarf-5", "-O0", "-fno-pic", "-w", *flags(fixture)]
    subprocess.run(["gcc", "-c", *options, "object.c", "-o", "object.o"], cwd=source, check=True)
    return source / "object.o"


def flags(fixture: Path) -> list[str]:
    """Options that a fixture asks for: `#pragma clk "compiled with -funsigned-char"`."""
    return re.findall(r'compiled with (-f[a-z-]+)"', fixture.read_text())


def compare_fixture(rule_id: str, folder: Path, *sides: str) -> Comparison:
    old, new = sides or ("old", "new")
    paths = {name: side(rule_id, name, folder) for name in {old, new}}
    return compare_inputs(read_input(paths[old]), read_input(paths[new]))


def findings(comparison: Comparison) -> list[Finding]:
    """All of them, those of types first."""
    of_causes = [finding for cause in comparison.causes.values() for finding in cause.findings]
    return of_causes + [finding for change in comparison.changes for finding in change.findings]


@pytest.mark.parametrize("rule_id", RULES)
def test_report_and_page(rule_id: str, tmp_path: Path) -> None:
    found = findings(compare_fixture(rule_id, tmp_path))
    assert rule_id in {finding.rule for finding in found}
    report = [f"{f.severity} {f.rule}: {f.subject}: {f.detail}" for f in found]
    for path, text in (
        (FIXTURES / rule_id / "report.txt", "".join(f"{line}\n" for line in report)),
        (PAGES / f"{rule_id}.md", page(rule_id, report)),
    ):
        if WRITE:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        assert path.read_text() == text


@pytest.mark.parametrize("rule_id", RULES)
def test_nothing_is_found_where_nothing_differs(rule_id: str, tmp_path: Path) -> None:
    for name in ("old", "new"):
        same = side(rule_id, name, tmp_path)
        comparison = compare_inputs(read_input(same), read_input(same))
        assert not comparison.causes
        assert {change.kind for change in comparison.changes} <= {"unversioned"}


@pytest.mark.parametrize("rule_id", RULES)
def test_swapped_sides_mirror_every_rule(rule_id: str, tmp_path: Path) -> None:
    forwards = compare_fixture(rule_id, tmp_path / "a")
    backwards = compare_fixture(rule_id, tmp_path / "b", "new", "old")
    assert Counter((mirror(f.rule), f.subject) for f in findings(forwards)) == Counter(
        (plain(f.rule), f.subject) for f in findings(backwards)
    )


def test_table_files_pages_and_fixtures_are_the_same() -> None:
    assert len(RULES) == len(TYPE_RULES) + len(EXPORT_RULES)
    modules = {path.stem.replace("_", "-") for path in MODULES.glob("*.py") if path.stem not in NOT_RULES}
    assert modules == set(RULES)
    assert {path.name for path in FIXTURES.iterdir() if path.is_dir()} == set(RULES)
    if WRITE:
        (PAGES / "README.md").write_text(index())
    assert {path.stem for path in PAGES.iterdir()} == {*RULES, "README"}
    assert (PAGES / "README.md").read_text() == index()


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_is_complete(rule_id: str) -> None:
    rule = RULES[rule_id]
    assert severity(rule_id) is rule.severity
    assert mirror(mirror(rule_id)) == plain(rule_id)
    assert plain(plain(rule_id)) == plain(rule_id)
    assert rule.said_by <= RULES.keys()
    first, blank, *_ = rule.page.split("\n")
    assert first.endswith(".")
    assert not blank
    for heading in ("Before:\n", "After:\n", "Remedy: "):
        assert rule.page.count(f"\n\n{heading}") == 1
    for name in re.findall(r"\]\(([\w-]+)\.md\)", rule.page):
        assert name in RULES


@pytest.mark.parametrize("rule_id", RULES)
def test_the_example_is_the_fixture(rule_id: str) -> None:
    """What a page shows was compiled and compared."""
    examples = re.findall(r"\n(?:Before|After):\n\n((?:    .*\n|\n(?=    ))+)", RULES[rule_id].page)
    for name, example in zip(("old", "new"), examples, strict=True):
        (fixture,) = (FIXTURES / rule_id / name).iterdir()
        assert " ".join(example.split()) in " ".join(fixture.read_text().split())


def test_ids_are_stable() -> None:
    """They stand in configurations and waivers: one that goes or changes breaks those."""
    assert " ".join(sorted(RULES)) == (
        "alignment became-declared became-defined bit-field bits-in-use const-safe const-unsafe "
        "enumerator-added enumerator-removed enumerator-renamed enumerator-value export-added export-moved "
        "export-removed flexible-array kind licence-relaxed licence-restricted lost-comma member-added "
        "member-grouped member-in-hole member-moved member-overlaid member-removed member-renamed member-type "
        "names-only namespace-added namespace-changed namespace-narrowed namespace-removed "
        "namespace-respelled namespace-widened order-only parameter-added parameter-moved parameter-removed "
        "parameter-type reserve-used return-type size type-attributes type-respelled type-text typedef-type "
        "unversioned variable-type version-only"
    )


GRADES = {
    Severity.BREAKING: "alignment bit-field const-unsafe enumerator-added enumerator-removed enumerator-value "
    "export-removed kind member-added member-moved member-removed member-type parameter-added parameter-moved "
    "parameter-removed parameter-type return-type size type-attributes type-text typedef-type unversioned "
    "variable-type version-only",
    Severity.INCOMPATIBLE: "became-declared became-defined bits-in-use const-safe enumerator-renamed export-moved "
    "flexible-array licence-restricted lost-comma member-grouped member-in-hole member-overlaid member-renamed "
    "names-only namespace-added namespace-changed namespace-narrowed order-only reserve-used type-respelled",
    Severity.HARMLESS: "export-added licence-relaxed namespace-removed namespace-respelled namespace-widened",
}


def test_each_rule_is_as_bad_as_the_grades_say() -> None:
    """A new rule is measured against their definitions here; all that is not harmless fails by default."""
    for grade in Severity:
        assert " ".join(sorted(rule for rule in RULES if severity(rule) is grade)) == GRADES[grade]
    assert Policy().fail_on is Severity.INCOMPATIBLE
    assert [fails(grade) for grade in Severity] == [True, True, False]


def test_each_grade_has_one_definition() -> None:
    schema = (MODULES.parents[1] / "formats" / "report.schema.json").read_text()
    grades = (PAGES.parent / "explain.md").read_text()
    for grade in Severity:
        assert len(grade.meaning.split()) > 3
        assert f"| {grade} | {grade.meaning} |\n" in grades
        assert f"{grade}: {grade.meaning}" in schema
        assert f"- *{grade}*: {grade.meaning}.\n" in index()
        assert f"Severity: **{grade}**: {grade.meaning}." in page(GRADES[grade].split()[0], [])


def test_an_unforeseen_difference_is_a_finding() -> None:
    """The alignment of an anonymous structure inside another is nobody's field."""
    inner = "member structure_type { } byte_size(0) alignment(8) x data_member_location(0)"
    aligned = f"structure_type a {{ {inner} }} byte_size(8)"
    assert [f.rule for f in classify("s#a", aligned, aligned.replace(" alignment(8)", ""))] == ["type-text"]


def test_rules_know_their_files() -> None:
    for rule in RULES.values():
        assert isinstance(rule, Rule)
        assert rule.check.__doc__ is None, "what a rule means is the documentation of its file"
