"""The steps of ci/github/action.yml in checkouts as actions/checkout makes them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.ci.runner import OBJECTS, ROOT, Server, git, run_script

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Step:
    """What a step did. log: what the runner sees; outputs: of the step; summary: of the job."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def commands(self) -> list[str]:
        """The lines that the runner obeys: none between a stop-commands and its token."""
        obeyed, token = [], ""
        for line in self.log.splitlines():
            if token:
                token = "" if line == f"::{token}::" else token
            elif line.startswith("::stop-commands::"):
                token = line.removeprefix("::stop-commands::")
            elif line.lstrip().startswith("::") or "##[" in line:
                obeyed.append(line)
        assert not token, "commands stay switched off"
        return obeyed

    @property
    def fetch(self) -> list[str]:
        """The command that a diagnosis prints."""
        found = re.search(r"git (fetch .*)$", "\n".join(self.commands), re.MULTILINE)
        assert found, self.log
        return shlex.split(found[1])


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs ci/github/check. folder: for a step's own files."""

    server: Server
    folder: Path
    temporary: Path

    def check(self, checkout: Path, event: str = "pull_request", **variables: str) -> Step:
        """Run the step as for an event on pull request 1."""
        output, summary = self.folder / "output", self.folder / "summary"
        for file in (output, summary):
            file.write_text("")
        given = {
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_EVENT_NAME": event,
            "GITHUB_SHA": self.server.merge,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_ENV": str(self.folder / "env"),
            "EVENT_BASE": self.server.base,
            "EVENT_COMMITS": str(self.server.commits),
            "DEFAULT_BRANCH": "main",
            "INPUT_ARGS": "\n".join(["--attribution", "off", *OBJECTS, ""]),
            **variables,
        }
        done = run_script("ci/github/check", checkout, given)
        outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
        return Step(done.returncode, done.stdout, outputs, summary.read_text())


@pytest.fixture
def runner(server: Server, tmp_path: Path, temporary: Path) -> Runner:
    return Runner(server, tmp_path, temporary)


def test_a_pull_request(runner: Runner, tmp_path: Path) -> None:
    """As deep as the diagnosis says: annotations, the summary, and all reports; nothing of main's own commit."""
    checkout = runner.server.checkout(tmp_path / "linux", "refs/pull/1/merge", runner.server.commits + 2)
    step = runner.check(checkout)
    assert (step.status, step.outputs["status"]) == (1, "1"), step.log
    assert any(line.startswith("::error file=include/linux/async.h,line=") for line in step.commands)
    assert "struct async_domain" in step.summary
    assert runner.server.base[:7] in step.log
    results = json.loads((tmp_path / step.outputs["sarif"]).read_text())["runs"][0]["results"]
    assert results
    reports = tmp_path / step.outputs["reports"]
    assert {path.name for path in reports.iterdir()} == {
        *("annotations", "junit.xml", "kabicheck.html", "kabicheck.json", "kabicheck.sarif", "summary.md")
    }


def test_a_shallow_pull_request_is_told_what_to_fetch(runner: Runner, tmp_path: Path) -> None:
    """The default of actions/checkout is one commit; after the command that is printed, the answer is there."""
    checkout = runner.server.checkout(tmp_path / "linux", "refs/pull/1/merge", 1)
    step = runner.check(checkout)
    assert (step.status, step.outputs, step.summary) == (2, {"status": "2"}, "")
    depth = f"--depth={runner.server.commits + 2}"
    assert step.fetch == ["fetch", "--no-tags", depth, "origin", runner.server.merge]
    git(checkout, *step.fetch)
    again = runner.check(checkout)
    assert again.status == 1, again.log
    assert not any(line.startswith("::warning title=kabicheck::") for line in again.commands)


def test_commits_that_are_missing_are_a_warning(runner: Runner, tmp_path: Path) -> None:
    """Two commits are enough to compare, not to say who."""
    checkout = runner.server.checkout(tmp_path / "linux", "refs/pull/1/merge", 2)
    step = runner.check(checkout)
    assert step.status == 1, step.log
    [warning] = [line for line in step.commands if line.startswith("::warning title=kabicheck::")]
    assert "the responsible commit may be missing" in warning
    git(checkout, *step.fetch)
    assert git(checkout, "rev-parse", "--is-shallow-repository") == "false"


def test_a_pull_request_by_its_head(runner: Runner, tmp_path: Path) -> None:
    checkout = runner.server.checkout(tmp_path / "linux", "refs/heads/topic", 1)
    step = runner.check(checkout)
    assert step.status == 2
    assert step.fetch[:3] == ["fetch", "--no-tags", "--unshallow"]
    assert step.fetch[3:] == ["origin", runner.server.head, runner.server.base]
    git(checkout, *step.fetch)
    assert runner.check(checkout).status == 1


def test_a_push(runner: Runner, tmp_path: Path) -> None:
    """Against what was there before, a new branch against the default one."""
    checkout = runner.server.checkout(tmp_path / "linux", "refs/heads/topic")
    event = {"GITHUB_SHA": runner.server.head, "EVENT_COMMITS": ""}
    before = runner.server.demo.commits[-2].id
    step = runner.check(checkout, "push", EVENT_BASE=before, **event)
    assert step.outputs["status"] in {"0", "1"}, step.log
    assert before[:7] in step.log
    new = runner.check(checkout, "push", EVENT_BASE="0" * 40, **event)
    assert new.status == 2
    git(checkout, *new.fetch)
    assert runner.check(checkout, "push", EVENT_BASE="0" * 40, **event).status == 1


def test_a_push_that_takes_commits_back_or_brings_none(runner: Runner, tmp_path: Path) -> None:
    """What was there counts itself, not the merge base; a new branch may be where another one is."""
    server = runner.server
    checkout = server.checkout(tmp_path / "linux", "refs/heads/main")
    git(checkout, "fetch", "--quiet", "origin", server.head)
    git(checkout, "checkout", "--quiet", server.demo.base)
    event = {"GITHUB_SHA": server.demo.base, "EVENT_COMMITS": ""}
    back = runner.check(checkout, "push", EVENT_BASE=server.head, **event)
    assert back.status == 1, back.log
    assert "struct async_domain" in back.log
    new = runner.check(checkout, "push", EVENT_BASE="0" * 40, **event)
    assert new.status == 0, new.log
    assert "base and head are the same commit" in new.log


def test_a_scheduled_run_says_what_it_lacks(runner: Runner, tmp_path: Path) -> None:
    checkout = runner.server.checkout(tmp_path / "linux", "refs/heads/main")
    step = runner.check(checkout, "schedule", EVENT_BASE="")
    assert (step.status, step.outputs) == (2, {"status": "2"})
    assert "so that nothing can differ: set the input base" in step.log
    step = runner.check(checkout, "schedule", EVENT_BASE="", INPUT_ARGS="--allow-same\nlib/")
    assert step.status == 0, step.log


def test_what_a_push_has_compiled_is_used(runner: Runner, tmp_path: Path) -> None:
    """By the next machine, which has nothing but the two folders that action.yml saves: the base is not compiled."""
    server, place, temporary = runner.server, tmp_path / "linux", tmp_path / "temporary"
    cache = temporary / "kabicheck/cache"

    def compiled(saved: Path | None) -> int:
        """A machine is like every other: the same paths, and nothing in them."""
        shutil.rmtree(place, ignore_errors=True)
        shutil.rmtree(temporary, ignore_errors=True)
        if saved:
            shutil.copytree(saved, cache)
        step = runner.check(server.checkout(place, "refs/pull/1/merge"), RUNNER_TEMP=str(temporary))
        found = re.search(r"objects \((\d+) compiled\)", step.log)
        assert found, step.log
        return int(found[1])

    without = compiled(None)
    shutil.rmtree(place)
    shutil.rmtree(temporary)
    main = server.checkout(place, "refs/heads/main")
    pushed = {"GITHUB_SHA": server.base, "EVENT_BASE": server.demo.base, "EVENT_COMMITS": ""}
    assert runner.check(main, "push", RUNNER_TEMP=str(temporary), **pushed).status == 0
    for folder in _saved_folders():
        shutil.copytree(cache / folder, tmp_path / "saved" / folder)
    assert 0 < compiled(tmp_path / "saved") < without


def _saved_folders() -> list[str]:
    """Those below the cache folder that action.yml names, for saving and for restoring alike."""
    steps = yaml.safe_load((ROOT / "ci/github/action.yml").read_text())["runs"]["steps"]
    paths = [step["with"]["path"] for step in steps if "cache" in step.get("uses", "")]
    assert len(paths) == 2 and len(set(paths)) == 1
    return [line.rpartition("/kabicheck/cache/")[2] for line in paths[0].split("\n") if line]


def test_the_inputs_win(runner: Runner, tmp_path: Path) -> None:
    checkout = runner.server.checkout(tmp_path / "linux", "refs/pull/1/merge")
    step = runner.check(checkout, "schedule", INPUT_BASE=runner.server.demo.base, EVENT_BASE="")
    assert step.status == 1
    assert runner.server.demo.base[:7] in step.log


def test_without_anything_to_compare_with(runner: Runner, tmp_path: Path) -> None:
    checkout = runner.server.checkout(tmp_path / "linux", "refs/heads/main")
    step = runner.check(checkout, "schedule", EVENT_BASE="", DEFAULT_BRANCH="")
    assert (step.status, step.outputs) == (2, {"status": "2"})
    assert "set the input base" in step.log


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
def test_events_with_secrets_are_refused(runner: Runner, tmp_path: Path, event: str) -> None:
    checkout = runner.server.checkout(tmp_path / "linux", "refs/pull/1/merge")
    step = runner.check(checkout, event)
    assert (step.status, step.outputs) == (2, {"status": "2"})
    assert "use pull_request" in step.log


def test_a_build_gives_the_runner_no_commands(runner: Runner, tmp_path: Path) -> None:
    """A compiler's error is a command, and make writes down what it is told: no path of a step's own files."""
    server, checkout = runner.server, runner.server.checkout(tmp_path / "linux", "refs/pull/1/merge")
    text = (checkout / "lib/crc32.c").read_text() + '#error "::set-output name=status::0 ##[error]x"\n'
    (checkout / "lib/crc32.c").write_text(text)
    makefile = (checkout / "Makefile").read_text() + f"\n$(shell env > {tmp_path}/environment)\n"
    (checkout / "Makefile").write_text(makefile)
    identity = ("-c", "user.name=N", "-c", "user.email=n@example.org")
    git(checkout, *identity, "commit", "--quiet", "--all", "--message=Break")
    step = runner.check(checkout, INPUT_BASE=server.merge)
    assert (step.status, step.outputs["status"]) == (2, "2")
    assert "set-output" in step.log
    assert [line.partition("::kabicheck")[0].partition(" ")[0] for line in step.commands] == ["::error"]
    assert "ok       make: " in step.log, "what is missing on the machine is said"
    told = (tmp_path / "environment").read_text()
    assert "GITHUB_OUTPUT=" not in told
    assert "GITHUB_ENV=" not in told
    assert "PATH=" in told
