"""The whole report as data, for programs: docs/json.md describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.formats.report_json import write_report

if TYPE_CHECKING:
    from kabicheck.model import Report


def emit(report: Report) -> str:
    """The whole document."""
    return write_report(report)
