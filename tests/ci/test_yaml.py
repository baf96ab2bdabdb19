"""The YAML in ci/ by the vendors' own schemas, and all the shell in it and beside it by shellcheck."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ci.gitlab_template import TEMPLATE, Loader
from tests.ci.runner import ROOT

ACTION = ROOT / "ci/github/action.yml"
SCHEMAS = {
    ACTION: ("vendor.github-actions",),
    ROOT / "ci/github/example/kabicheck.yml": ("vendor.github-workflows",),
    TEMPLATE: ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
    ROOT / "ci/gitlab/example/.gitlab-ci.yml": ("vendor.gitlab-ci", "--data-transform", "gitlab-ci"),
}
SCRIPTS = [
    "ci/demo",
    "ci/test",
    "ci/release",
    "ci/b4",
    "ci/history",
    "ci/github/install",
    "ci/github/check",
    "ci/gitlab/check",
]


def _steps() -> dict[str, Any]:
    return {step["name"]: step for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"]}


@pytest.mark.parametrize("file", SCHEMAS, ids=lambda file: file.name)
def test_vendors_schemas(file: Path) -> None:
    schema = ["--builtin-schema", *SCHEMAS[file]]
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "file", [file for file in SCHEMAS if "example" in file.parts], ids=lambda file: file.name
)
def test_documents_show_the_examples(file: Path) -> None:
    assert f"```yaml\n{file.read_text()}```" in (ROOT / "docs/ci.md").read_text()


def test_scripts_are_clean() -> None:
    _shellcheck("--external-sources", *SCRIPTS)
    assert all(os.access(ROOT / script, os.X_OK) for script in SCRIPTS)


def test_shell_in_yaml_is_clean() -> None:
    """Shell that a job or a step has in itself."""
    jobs = yaml.load(TEMPLATE.read_text(), Loader)
    lists = [job.get(key, []) for job in jobs.values() for key in ("before_script", "script")]
    lines = [line for each in lists for line in each if isinstance(line, str)]
    lines += [step["run"] for step in _steps().values() if "run" in step]
    assert any("git clone" in line for line in lines)
    # SC2086: a list of packages is split at its blanks.
    _shellcheck("--shell=bash", "--exclude=SC2086", "-", text="\n".join(lines) + "\n")


def test_expressions_are_no_shell() -> None:
    """What an event says, a branch's name as well, would be run where it stands in `run`."""
    runs = [step["run"] for step in _steps().values() if "run" in step]
    assert len(runs) == 2
    for run in runs:
        assert "${{" not in run
        named = re.fullmatch(r'"\$GITHUB_ACTION_PATH/(\w+)"', run)
        assert named and (ACTION.parent / named[1]).is_file()


def test_only_trusted_runs_save_what_was_compiled() -> None:
    steps = _steps()
    users = {name: step for name, step in steps.items() if "cache" in step.get("uses", "")}
    assert [step["uses"].partition("@")[0] for step in users.values()] == [
        "actions/cache/restore",
        "actions/cache/save",
    ]
    condition = users["Save compiled objects"]["if"]
    assert "github.event_name == 'push' && (github.ref_protected || " in condition
    jobs = yaml.load(TEMPLATE.read_text(), Loader)
    policies = {
        rule["if"]: rule["variables"]["KABICHECK_CACHE_POLICY"] for rule in jobs["kabicheck"]["rules"]
    }
    pushing = [rule for rule, policy in policies.items() if policy != "pull"]
    assert pushing == ['$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_REF_PROTECTED == "true"']
    assert "cache" not in jobs["kabicheck-comment"]


def test_the_token_is_where_nothing_is_built() -> None:
    job = yaml.load(TEMPLATE.read_text(), Loader)["kabicheck-comment"]
    assert job["variables"]["GIT_STRATEGY"] == "none"
    assert job["environment"]["name"] == "kabicheck-comment"
    assert not any("pip" in line or "make" in line for line in (*job["before_script"], *job["script"]))


def _shellcheck(*arguments: str, text: str = "") -> None:
    done = subprocess.run(
        ["shellcheck", *arguments],
        cwd=ROOT,
        input=text,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
