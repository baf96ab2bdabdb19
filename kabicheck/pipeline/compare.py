"""How two files or folders become a report: the same stages as those of a check, without history."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from kabicheck.model import Side
from kabicheck.pipeline.input_pairs import compare_inputs, of_equal_extent
from kabicheck.pipeline.inputs import InputKind, read_input
from kabicheck.pipeline.stages import remedied, reported
from kabicheck.pipeline.verdict import judged

if TYPE_CHECKING:
    from pathlib import Path

    from kabicheck.model import Comparison, Report
    from kabicheck.pipeline.inputs import Input
    from kabicheck.pipeline.request import CompareRequest
    from kabicheck.pipeline.session import Session

SAME = "OLD and NEW are the same file or folder"


def run(request: CompareRequest, session: Session) -> Report:
    """Recognise both inputs, compare them, and say why they differ and what of it counts. Raises KabicheckError."""
    started = time.perf_counter()
    inputs = read_input(request.old, session.progress), read_input(request.new, session.progress)
    old, new, note = of_equal_extent(*inputs)
    comparison = compare_inputs(
        old, new, request.read, session.reader, jobs=request.jobs, detail=request.detail
    )
    seconds = time.perf_counter() - started
    comparison = _remedied(comparison, request, session, old, new)
    comparison = judged(comparison, request.rulebook)
    same = (SAME,) if request.old.resolve() == request.new.resolve() else ()
    base, head = _side(request.old, inputs[0]), _side(request.new, inputs[1])
    report = reported(base, head, comparison, request.detail, (*same, *([note] if note else [])))
    return replace(report, seconds=seconds)


def _side(path: Path, read: Input) -> Side:
    return Side(str(path), objects=read.count)


def _remedied(
    comparison: Comparison, request: CompareRequest, session: Session, old: Input, new: Input
) -> Comparison:
    """For object files; of what was recorded, or linked, nothing is known under other rules."""
    if not {old.kind, new.kind} <= {InputKind.OBJECT, InputKind.OBJECTS}:
        return comparison
    return remedied(comparison, old.objects, new.objects, request.read, session.reader, jobs=request.jobs)
