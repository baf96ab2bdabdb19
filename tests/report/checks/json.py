"""A report as JSON, checked by our own schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

import kabicheck.formats.report_json as report_json

SCHEMA = json.loads(Path(report_json.__file__).with_name("report.schema.json").read_text())


def valid(document: str) -> dict[str, Any]:
    members: dict[str, Any] = json.loads(document)
    Draft202012Validator(SCHEMA).validate(members)
    return members
