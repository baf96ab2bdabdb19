"""What is counted where all exports are versioned."""

from __future__ import annotations

from pathlib import Path

from kabicheck.errors import ObjectError
from kabicheck.model import Export, LinkedUnit
from kabicheck.pipeline.export_summary import ExportSummary
from kabicheck.symver.survey import Survey
from tests.pipeline.changes import listed


def test_files_units_and_exports() -> None:
    summary = ExportSummary()
    assert not summary.complete, "nothing was exported"
    rest = LinkedUnit(None, (Export("g"),), unversioned={"g": "no type"})
    units = (("a.o", LinkedUnit(0, (Export("f"),))), ("", rest))
    summary.count_file(Survey(Path("x.ko"), "x.ko", "x", units, "", licences=True))
    summary.count_file(())
    summary.count_file((listed("y", f=1),))
    assert (summary.files, summary.silent, summary.units) == (3, 1, 2)
    summary.count_exports(listed("x", f=1))
    assert summary.complete
    summary.count_exports(listed("x", g=0, h=0))
    assert (summary.exports, summary.unversioned) == (3, {("x", "no version"): ["g", "h"]})
    assert not summary.complete


def test_a_file_that_cannot_be_read_leaves_it_incomplete() -> None:
    summary = ExportSummary()
    summary.count_exports(listed("x", f=1))
    summary.count_file(ObjectError("z.ko", "cannot be read"))
    assert [str(error) for error in summary.unread] == ["z.ko: cannot be read"]
    assert not summary.complete
