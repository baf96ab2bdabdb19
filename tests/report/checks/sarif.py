"""SARIF, checked by our own reading of the specification, and its published schema where that is found."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from jsonschema import Draft4Validator

from kabicheck.model import Location, Report
from kabicheck.report.results import file_location
from kabicheck.report.sarif import emit

if TYPE_CHECKING:
    from pathlib import Path


def checked(of: Report) -> dict[str, Any]:
    """The run of a report, checked as far as that goes without a schema."""
    document = emit(of)
    assert document.isascii()
    log = json.loads(document)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    assert len({result["partialFingerprints"]["kabicheck/v1"] for result in run["results"]}) == len(
        run["results"]
    )
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"].isprintable()
        (location,) = result["locations"]
        flows = [
            step["location"]
            for flow in result["codeFlows"]
            for thread in flow["threadFlows"]
            for step in thread["locations"]
        ]
        for place in filter(None, (each.get("physicalLocation") for each in (location, *flows))):
            assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
            file = Location(unquote(place["artifactLocation"]["uri"]), place["region"]["startLine"])
            assert file_location(file) == file
    assert isinstance(run, dict)
    return run


@cache
def validator(path: Path) -> Draft4Validator:
    return Draft4Validator(json.loads(path.read_text()))
