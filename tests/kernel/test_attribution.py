"""Who changed what on a branch over a real kernel: 30 commits, three culprits, one of them merged, one hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import read_report
from kabicheck.model import Verdict
from tests.kernel.branch import ENUMERATOR, MEMBER, PARAMETER, PATCHES, Branch, make_branch
from tests.kernel.series import FRAGMENT, TARGETS
from tests.oracle.gendwarfksyms import kabicheck

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kabicheck.model import Cause, Report
    from tests.kernel.checks import Check
    from tests.kernel.conftest import Kernel

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(0)]

OPTIONS = ["--config", "tinyconfig", "--fragment", str(FRAGMENT)]


@pytest.fixture(scope="module")
def branch(kernel: Kernel) -> Iterator[Branch]:
    """The branch, on the base of the series."""
    yield make_branch(kernel.checkout, kernel.base, "topic")
    kernel.checkout.git("switch", "--quiet", "main")


@dataclass(frozen=True, slots=True)
class Found:
    """What one check says. text: the text report."""

    report: Report
    text: str

    def cause(self, title: str) -> Cause:
        [cause] = [cause for cause in self.report.comparison.causes.values() if cause.title == title]
        return cause


@pytest.fixture(scope="module")
def found(kernel: Kernel, first: Check, branch: Branch, folder: Path) -> Found:
    """The check of the branch, behind the first check of all, which has built the base."""
    before = kernel.checkout.state()
    output = folder / "topic.json"
    commits = ["-C", str(kernel.checkout.path), "--base", kernel.base, "--head", "topic"]
    status, text, errors = kabicheck(
        ["check", *commits, *OPTIONS, "-o", "text", "-o", f"json:{output}", *TARGETS]
    )
    assert (status, errors) == (1, "")
    assert kernel.checkout.state() == before
    return Found(read_report(output), text)


CULPRITS = {
    "enum probe_type": (ENUMERATOR, "PROBE_FORCE_ASYNCHRONOUS"),
    "struct klist": (MEMBER, "k_added"),
    "parse_int_array()": (PARAMETER, "gfp"),
}


def test_every_cause_has_its_commit_verified(found: Found, branch: Branch) -> None:
    roots = {cause.title: cause for cause in found.report.comparison.causes.values() if not cause.follows}
    assert roots.keys() == CULPRITS.keys()
    for title, (patch, _) in CULPRITS.items():
        [culprit] = roots[title].culprits
        assert culprit.verdict is Verdict.VERIFIED
        assert [commit.id for commit in culprit.commits] == [branch.commits[patch.name]]
        merges = [branch.commits["merge"]] if patch is PARAMETER else []
        assert [commit.id for commit in culprit.merges] == merges


def test_every_export_has_only_commits_that_changed_it(found: Found, branch: Branch) -> None:
    guilty = {branch.commits[patch.name] for patch, _ in CULPRITS.values()}
    assert len(found.report.comparison.changes) > 100
    for change in found.report.comparison.changes:
        assert change.culprits
        assert {each.verdict for each in change.culprits} == {Verdict.VERIFIED}
        assert {commit.id for each in change.culprits for commit in each.commits} <= guilty


@pytest.mark.parametrize("title", CULPRITS)
def test_changed_lines_and_hunks_are_the_commits_own(found: Found, title: str) -> None:
    cause = found.cause(title)
    patch, word = CULPRITS[title]
    [added] = [line for line in cause.diff if line.mark == "+" and word in line.text]
    assert added.culprit == 0
    assert all(line.culprit == 0 for line in cause.diff if line.mark in "+-")
    hunks = cause.culprits[0].hunks
    assert {hunk.file for hunk in hunks} <= {edit.file for edit in patch.edits}
    lines = [line.text for hunk in hunks for line in hunk.lines if line.mark == "+"]
    assert any(word in line for line in lines)


def test_few_commits_are_built(found: Found) -> None:
    done = found.report.attribution
    assert done
    assert len(done.commits) == len(PATCHES) + 1
    assert done.unbuildable == ()
    assert found.report.built > 0
    # `git bisect`, once for each culprit and once more within the merge, takes 5 + 5 + 5 + 2.
    assert done.builds <= 12
    assert done.objects <= 2 * done.builds


def test_bisect_names_the_same_commits(kernel: Kernel, found: Found, branch: Branch) -> None:
    """Over builds of which some are there already, and although blame points to the commit behind one culprit."""
    assert found.report.failed
    commits = ["-C", str(kernel.checkout.path), "--good", kernel.base, "--bad", "topic"]
    targets = [word for target in TARGETS for word in ("--target", target)]
    symbols = {"parse_int_array": PARAMETER, "klist_init": MEMBER}
    status, text, errors = kabicheck(["bisect", *commits, *OPTIONS, *targets, *symbols])
    assert (status, errors) == (0, "")
    for symbol, patch in symbols.items():
        answer = text.partition(f"\n{symbol}: ")[2].splitlines()[1]
        assert branch.commits[patch.name][:7] in answer
        assert "verified" in answer
    blamed = kernel.checkout.git("blame", "-s", "--abbrev=40", "topic", "--", "include/linux/klist.h")
    [line] = [line for line in blamed.splitlines() if "k_added" in line]
    assert branch.commits["whitespace"] in line
