"""What formats that list results are given, whatever the report holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.report.results import file_location, object_location, results

if TYPE_CHECKING:
    from kabicheck.model import Report


def check_results(of: Report) -> None:
    """Every change is in a result, each result has a fingerprint of its own, and nothing that it says is dangerous."""
    found = results(of)
    assert len({result.fingerprint for result in found}) == len(found)
    for result in found:
        for line in (result.title, result.rule, *result.facts, *result.excuses):
            assert line.isprintable()
        place = result.place or object_location(result)
        assert file_location(place) == place
    told = {(change.kind, change.object, change.name) for result in found for change in result.changes}
    assert told == {(change.kind, change.object, change.name) for change in of.comparison.changes}
