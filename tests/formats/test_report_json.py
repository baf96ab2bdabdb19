"""A report as JSON: reading is the inverse of writing, and the schema says what is written."""

from __future__ import annotations

import json
import string
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from kabicheck import model
from kabicheck.errors import ObjectError
from kabicheck.formats.report_json import parse_report, read_report, write_report
from kabicheck.model import Report
from tests.report.checks.json import SCHEMA, valid
from tests.report.hostile import NAMES, large, reports, slow_to_make
from tests.report.reports import EMPTY, report

if TYPE_CHECKING:
    from pathlib import Path


@slow_to_make
@given(reports)
def test_reading_is_the_inverse_of_writing(of: Report) -> None:
    document = write_report(of)
    assert parse_report(document, "x") == of
    assert set(document) <= set(string.printable)
    valid(document)


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name: str, tmp_path: Path) -> None:
    of = report(name=name, text=name)
    (tmp_path / "r.json").write_text(write_report(of))
    assert read_report(tmp_path / "r.json") == of


def test_a_large_report_has_a_line_for_each_export() -> None:
    of = large()
    document = write_report(of)
    assert parse_report(document, "x") == of
    assert sum(line.startswith('{"kind": "version"') for line in document.splitlines()) == 10_000


def test_the_schema_is_one_and_names_all_that_the_model_has() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    definitions = SCHEMA["$defs"]
    for name in definitions.keys() - {"severity", "count"}:
        kind = getattr(model, name[0].upper() + name[1:])
        derived = {"severity"} if name in {"cause", "hidden"} else set()
        described = definitions[name]["properties"].keys() - derived
        assert described == {field.name for field in fields(kind)}, name
        assert set(definitions[name]["required"]) == definitions[name]["properties"].keys(), name
    outermost = {field.name for kind in (Report, model.Comparison) for field in fields(kind)} - {"comparison"}
    outermost -= {"ruled", "toolchain"}  # which only the pipeline has to know
    outermost -= {"suggestions"}  # which are printed behind reports
    assert SCHEMA["properties"].keys() == outermost | {"format", "version", "kabicheck", "compared"}
    assert set(SCHEMA["required"]) == SCHEMA["properties"].keys()


def test_what_saves_a_reader_work() -> None:
    members = valid(write_report(report()))
    assert members["compared"] == report().comparison.compared
    assert members["causes"]["k"]["severity"] == "breaking"
    assert [each["severity"] for each in members["hidden"]] == ["breaking"]


def test_members_of_a_later_version_are_skipped_and_those_of_an_earlier_one_are_empty() -> None:
    members = json.loads(write_report(report()))
    members["later"] = 1
    members["causes"]["k"]["later"] = {}
    del members["rules"], members["attribution"]
    assert parse_report(json.dumps(members), "x") == report()


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ("", "damaged"),
        ("[]", "not a report of kabicheck"),
        ('{"a": 1}', "not a report of kabicheck"),
        ('{"format": "kabicheck report", "version": 2}', "version 2 of the format; this is 1"),
        ('{"format": "kabicheck report", "version": 1}', "damaged.*Report without 'base'"),
        ("[" * 100_000, "damaged"),
        ("\xff", "damaged"),
        (write_report(EMPTY)[:-10], "damaged"),
        (write_report(EMPTY).replace("0.0", "NaN"), "NaN is no number"),
        (write_report(EMPTY).replace("0.0", "1e999"), "a number that is none"),
        (write_report(EMPTY).replace("0.0", "1" + "0" * 400), "damaged"),
        (write_report(EMPTY).replace('"failed": false', '"failed": 0'), "int instead of bool"),
        (write_report(EMPTY).replace('"commits": 0', '"commits": true'), "bool instead of int"),
        (write_report(EMPTY).replace('"notes": []', '"notes": [1]'), "int instead of str"),
        (write_report(EMPTY).replace('"unchanged": []', '"unchanged": [["a"]]'), "1 values instead of 3"),
        (write_report(report()).replace('"kind": "added"', '"kind": "x"'), "'x' is not a valid ChangeKind"),
    ],
)
def test_what_is_no_report(document: str, complaint: str) -> None:
    with pytest.raises(ObjectError, match=f"(?s)^x: .*{complaint}"):
        parse_report(document.encode("latin-1"), "x")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ObjectError, match="cannot be read"):
        read_report(tmp_path)


def test_seconds_need_not_be_a_fraction() -> None:
    assert parse_report(write_report(replace(EMPTY, seconds=3.0)).replace("3.0", "3"), "x").seconds == 3.0
