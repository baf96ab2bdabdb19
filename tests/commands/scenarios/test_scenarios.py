"""Who changed what, on real branches of a kernel-like tree: culprits, verdicts, builds, annotated diffs.

The golden files are what `kabicheck check -o diff` prints of each scenario, less its header.
"""

from __future__ import annotations

import os
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import parse_report, read_report
from kabicheck.model import ChangeKind, Verdict
from tests.commands.scenarios.catalogue import SCENARIOS
from tests.commands.scenarios.named_culprits import culprits_of, named
from tests.commands.scenarios.story import Story, bisect_steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from kabicheck.demo.repository import DemoRepository
    from kabicheck.model import Report
    from tests.commands.conftest import Run

GOLDEN = Path(__file__).parent / "golden"
DOCUMENT = Path(__file__).parents[3] / "docs/attribution.md"


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, demo: DemoRepository, check: Callable[..., Run], tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    story = Story(demo)
    scenario.tell(story)
    diff, json = tmp_path / "abi.diff", tmp_path / "report.json"
    run = check("--base", story.base, scenario.target, "-o", f"diff:{diff}", "-o", f"json:{json}")
    assert (run.status, run.err) == (1, "")
    report = read_report(json)
    assert report.attribution
    found = culprits_of(report)
    assert {title: named(culprits) for title, culprits in found.items()} == scenario.culprits
    everybody = [culprit for culprits in found.values() for culprit in culprits]
    assert {str(culprit.verdict) for culprit in everybody} == {scenario.verdict}
    assert {tuple(merge.subject for merge in culprit.merges) for culprit in everybody} == {scenario.merges}
    for change in report.comparison.changes:
        assert change.culprits
        if change.kind is ChangeKind.VERSION:
            assert {named([each])[0] for each in change.culprits} <= {
                one for cause in scenario.culprits.values() for one in cause
            }
    assert_shown(report)
    commits = len(report.attribution.commits)
    ids = [culprit.commits[-1].id for culprit in everybody]
    steps = sum(bisect_steps(story, culprit, tmp_path) for culprit in dict.fromkeys(ids))
    assert report.attribution.builds == scenario.builds
    assert report.attribution.builds <= max(steps + 2, 2 * len(everybody))
    golden = GOLDEN / f"{name}.diff"
    text = without_header(diff.read_text())
    if os.environ.get("KABICHECK_WRITE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()
    row = f"| {scenario.title} | {commits} | {steps} | {scenario.builds} |"
    assert row in DOCUMENT.read_text(), f"{DOCUMENT.name} lacks the row {row}"


def test_blame_alone_names_a_wrong_one_too(demo: DemoRepository, check: Callable[..., Run]) -> None:
    """Which is why it only suspects."""
    story = Story(demo)
    SCENARIOS["whitespace"].tell(story)
    run = check("--base", story.base, "kernel/async.o", "--attribution", "blame")
    assert re.search(
        r"^  \+         bool registered; .* \w+ Align the members \(suspected\)$", run.out, re.MULTILINE
    )
    assert run.verdict.endswith(", 2 commits suspected")
    assert "attribution by blame, nothing built for it" in run.out


def test_as_few_builds_as_allowed(demo: DemoRepository, check: Callable[..., Run]) -> None:
    """What they do not show is not said."""
    story = Story(demo)
    SCENARIOS["macro"].tell(story)
    run = check("--base", story.base, "kernel/async.o", "--max-builds", "1", "-o", "json")
    report = parse_report(run.out, "-")
    assert report.attribution
    assert report.attribution.builds == 1
    [[culprit]] = culprits_of(report).values()
    assert culprit.verdict is Verdict.ONE_OF
    assert "Allow longer names" in [commit.subject for commit in culprit.commits]
    assert 1 < len(culprit.commits) < 8
    assert culprit.reason


def assert_shown(report: Report) -> None:
    """Each verified change of a version leads from one to the next, from base's to head's."""
    for change in report.comparison.changes:
        if change.kind is not ChangeKind.VERSION:
            continue
        if any(culprit.verdict is not Verdict.VERIFIED for culprit in change.culprits):
            continue
        steps = [each for culprit in change.culprits for each in culprit.transitions]
        assert steps
        assert (steps[0].old, steps[-1].new) == (change.old, change.new)
        assert all(step.new == after.old for step, after in pairwise(steps))


def without_header(text: str) -> str:
    """The document without its first lines, which say what it took."""
    return re.sub(r"\A(#.*\n)+\n", "", text)
