"""What has no version, in the text report."""

from __future__ import annotations

from dataclasses import replace

from kabicheck.report.text import emit
from tests.report.reports import report


def test_what_has_no_version_for_one_reason_is_one_line() -> None:
    """In a vmlinux that is everything that is written in assembly."""
    whole = report()
    [unknown] = [change for change in whole.comparison.changes if change.name == "unknown"]
    unknown = replace(unknown, old="no type")
    untyped = tuple(replace(unknown, name=name) for name in ("get_user", "put_user", "x" * 90, "memcpy"))
    alone = replace(unknown, name="alone", old="0x00000001")
    only = replace(
        whole, comparison=replace(whole.comparison, changes=(*untyped, alone), causes={}, hidden=())
    )
    place = "(kernel/async_schedule.o)"
    assert [line for line in emit(only).splitlines() if line.startswith("    ")] == [
        f"    get_user, put_user, … (+2): no version on both sides: no type  {place}",
        f"    alone: no version: 0x00000001 → no type  {place}",
    ]
    assert f"    memcpy: no version on both sides: no type  {place}\n" in emit(replace(only, verbose=True))
