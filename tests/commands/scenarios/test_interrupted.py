"""A search that is killed, and searches that run at once: same answer, and nothing is built twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from kabicheck.formats.report_json import read_report
from tests.commands.scenarios.catalogue import SCENARIOS
from tests.commands.scenarios.named_culprits import culprits_of, named
from tests.commands.scenarios.story import Story

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.demo.repository import DemoRepository
    from kabicheck.model import Report

# base, head, and five commits in between
SCENARIO = SCENARIOS["macro"]
BUILDS = 2 + SCENARIO.builds


@pytest.fixture
def story(demo: DemoRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """The scenario, and a cache with nothing in it."""
    monkeypatch.setenv("KABICHECK_CACHE", str(tmp_path / "cache"))
    told = Story(demo)
    SCENARIO.tell(told)
    return told


def start(story: Story, json: Path) -> subprocess.Popen[str]:
    arguments = ["check", "--base", story.base, SCENARIO.target, "-o", f"json:{json}"]
    return subprocess.Popen(
        [sys.executable, "-m", "kabicheck", *arguments], stderr=subprocess.PIPE, text=True
    )


def answer(process: subprocess.Popen[str], json: Path) -> Report:
    """The report of a check that comes to its end; it says what the scenario wants."""
    _, err = process.communicate()
    assert (process.returncode, err) == (1, "")
    report = read_report(json)
    assert {title: named(found) for title, found in culprits_of(report).items()} == SCENARIO.culprits
    return report


def compiled(report: Report) -> int:
    assert report.attribution
    return report.built + report.attribution.objects


def logs(cache: Path) -> dict[str, int]:
    """The log of each commit's build → when it was written last."""
    return {log.name: log.stat().st_mtime_ns for log in cache.glob("repositories/*/*/logs/*.log")}


@pytest.mark.parametrize("builds", range(1, BUILDS + 1))
def test_killed_in_the_middle_of_any_build(story: Story, tmp_path: Path, builds: int) -> None:
    """What was built before is not built again; make may outlive the killed program."""
    process = start(story, tmp_path / "killed.json")
    while len(before := logs(tmp_path / "cache")) < builds and process.poll() is None:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert process.returncode in {-signal.SIGKILL, 1}, "it may have been quicker"
    answer(start(story, tmp_path / "report.json"), tmp_path / "report.json")
    after = logs(tmp_path / "cache")
    assert len(after) == BUILDS
    *whole, _ = sorted(before, key=lambda name: before[name])
    assert {name: after[name] for name in whole} == {name: before[name] for name in whole}


def test_after_a_whole_run_nothing_is_built(story: Story, tmp_path: Path) -> None:
    json = tmp_path / "report.json"
    first = answer(start(story, json), json)
    assert compiled(first) == BUILDS, "one object each"
    before = logs(tmp_path / "cache")
    assert compiled(answer(start(story, json), json)) == 0
    assert logs(tmp_path / "cache") == before


def test_two_at_once(story: Story, tmp_path: Path) -> None:
    """They share one build folder, and each takes from the other what it has built."""
    files = [tmp_path / f"{number}.json" for number in range(2)]
    processes = [start(story, json) for json in files]
    reports = [answer(process, json) for process, json in zip(processes, files, strict=True)]
    assert sum(map(compiled, reports)) == BUILDS


def test_a_bisection_goes_on_where_it_was_killed(story: Story, tmp_path: Path) -> None:
    arguments = ["bisect", "--good", story.base, "--target", SCENARIO.target, "async_schedule_node_domain"]
    command = [sys.executable, "-m", "kabicheck", *arguments]
    killed = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while len(before := logs(tmp_path / "cache")) < 4 and killed.poll() is None:
        time.sleep(0.002)
    killed.kill()
    assert "8 of 8 commits touch what the objects are made from" in killed.communicate()[0]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert " Allow longer names (Demo Maintainer, 2026-03-01, verified)\n" in done.stdout
    after = logs(tmp_path / "cache")
    *whole, _ = sorted(before, key=lambda name: before[name])
    assert len(whole) == 3
    assert {name: after[name] for name in whole} == {name: before[name] for name in whole}
