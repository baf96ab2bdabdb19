"""SARIF: the published schema, where it is found, and our own reading of the specification."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

from kabicheck.report.sarif import MOST_CANDIDATES, MOST_RESULTS, emit
from tests.report.checks.sarif import checked, validator
from tests.report.golden import golden
from tests.report.hostile import NAMES, large, reports, slow_to_make
from tests.report.reports import EMPTY
from tests.report.reviewed import reviewed
from tests.report.schemas import published

if TYPE_CHECKING:
    from kabicheck.model import Report


def result_of(run: dict[str, Any], title: str) -> Any:
    (found,) = [result for result in run["results"] if result["message"]["text"].startswith(f"{title}:")]
    return found


def test_one_of_everything() -> None:
    document = emit(reviewed())
    assert document == golden("report.sarif", document)


def test_what_a_result_says() -> None:
    run = checked(reviewed())
    result = result_of(run, "struct async_schedule")
    assert (result["ruleId"], result["level"]) == ("member-type", "error")
    steps = [step["location"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert [step["message"]["text"] for step in steps] == ["async_schedule()", "struct async_schedule"]
    assert steps[-1]["physicalLocation"] == result["locations"][0]["physicalLocation"]
    assert [commit["id"] for commit in result["properties"]["commits"]] == ["a" * 40, "b" * 40]
    assert run["properties"]["base"] == "3f2c1d0"


def test_without_a_path_the_code_flow_has_both_ends() -> None:
    (flow,) = result_of(checked(reviewed()), "struct removed")["codeFlows"]
    texts = [step["location"]["message"]["text"] for step in flow["threadFlows"][0]["locations"]]
    assert texts == ["third", "struct removed"]


def test_what_is_excused_is_suppressed() -> None:
    run = checked(reviewed())
    suppressed = {
        result["message"]["text"].partition(":")[0]: result["suppressions"] for result in run["results"]
    }
    (hidden,) = suppressed.pop("struct opaque_async_schedule")
    assert hidden["justification"].startswith("hidden by declonly ")
    (suppression,) = suppressed.pop("struct waived")
    assert suppression["justification"].startswith("waived until 2027-06-30")
    assert not any(suppressed.values())


def test_rules_have_the_documentation_that_was_handed_in() -> None:
    rules = {rule["id"]: rule for rule in checked(reviewed())["tool"]["driver"]["rules"]}
    assert rules["member-type"]["shortDescription"] == {"text": "A member has another type: async_schedule."}
    assert rules["member-type"]["help"]["markdown"].endswith(
        "Its bytes mean `unsigned int registered : 1;`.\n"
    )
    assert rules["export-added"]["defaultConfiguration"] == {"level": "note"}
    assert "help" not in rules["became-declared"]


def test_what_could_not_be_looked_at_was_no_success() -> None:
    assert checked(reviewed())["invocations"][0]["executionSuccessful"] is False
    assert checked(EMPTY)["invocations"][0]["executionSuccessful"] is True


def test_no_more_results_than_readers_take() -> None:
    run = checked(large(causes=MOST_RESULTS))
    assert len(run["results"]) == MOST_RESULTS
    assert run["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"].startswith(
        "1,000 results"
    )
    levels = [result["level"] for result in run["results"]]
    assert levels == sorted(levels, key=["error", "warning", "note"].index)


def test_no_more_commits_than_anybody_reads() -> None:
    whole = reviewed()
    cause = whole.comparison.causes["k"]
    (suspects,) = cause.culprits
    many = replace(suspects, commits=suspects.commits * 1000)
    causes = {**whole.comparison.causes, "k": replace(cause, culprits=(many,))}
    run = checked(replace(whole, comparison=replace(whole.comparison, causes=causes)))
    said = result_of(run, "struct async_schedule")["properties"]
    assert (len(said["commits"]), said["commitCount"]) == (MOST_CANDIDATES, 2000)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str) -> None:
    of = reviewed(name=name, text=name)
    of = replace(of, rules=())  # a rule's text is our own
    assert len(checked(of)["results"]) == len(checked(reviewed())["results"])
    assert len(emit(of)) < 1_000_000


@pytest.mark.parametrize("of", [EMPTY, *(reviewed(name=name, text=name) for name in NAMES), large(500, 200)])
def test_the_schema(of: Report) -> None:
    validator(published("sarif-2.1.0.schema.json")).validate(json.loads(emit(of)))


@settings(slow_to_make, max_examples=20)
@given(reports)
def test_the_schema_for_whatever_a_report_holds(of: Report) -> None:
    validator(published("sarif-2.1.0.schema.json")).validate(json.loads(emit(of)))
