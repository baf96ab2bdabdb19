"""How two files or folders become a report: the same stages as those of a check, without history."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kabicheck.model import Report, Side
from kabicheck.pipeline.input_pairs import compare_inputs, of_equal_extent
from kabicheck.pipeline.inputs import InputKind, read_input
from kabicheck.pipeline.remedies import MOST_SECONDS, ObjectWorkshop, with_remedies
from kabicheck.pipeline.verdict import judged

if TYPE_CHECKING:
    from kabicheck.index.index import Index
    from kabicheck.model import Comparison
    from kabicheck.pipeline.inputs import Input
    from kabicheck.pipeline.request import CompareRequest
    from kabicheck.progress import Progress

SAME = "OLD and NEW are the same file or folder"


def run(request: CompareRequest, index: Index | None, progress: Progress) -> Report:
    """Recognise both inputs, compare them, and say why they differ and what of it counts. Raises KabicheckError.

    index: What is known of objects that were read before, None to use nothing of that.
    """
    started = time.perf_counter()
    inputs = read_input(request.old, progress), read_input(request.new, progress)
    old, new, note = of_equal_extent(*inputs)
    comparison = compare_inputs(old, new, request.read, jobs=request.jobs, index=index, detail=request.detail)
    seconds = time.perf_counter() - started
    comparison = _with_remedies(comparison, request, old, new)
    comparison = judged(comparison, request.rulebook)
    same = request.old.resolve() == request.new.resolve()
    toolchain = comparison.toolchain
    return Report(
        base=Side(str(request.old), objects=inputs[0].count),
        head=Side(str(request.new), objects=inputs[1].count),
        comparison=comparison,
        machine=toolchain.machine if toolchain else "",
        compiler=toolchain.producer if toolchain else "",
        seconds=seconds,
        notes=(*([SAME] if same else []), *([note] if note else []), *comparison.notes),
        failed=comparison.failed,
        verbose=request.detail.verbose,
    )


def _with_remedies(comparison: Comparison, request: CompareRequest, old: Input, new: Input) -> Comparison:
    """For object files; of what was recorded, or linked, nothing is known under other rules."""
    if not {old.kind, new.kind} <= {InputKind.OBJECT, InputKind.OBJECTS}:
        return comparison
    workshop = ObjectWorkshop(
        old.objects, new.objects, request.jobs, rules=request.read.kabi, seconds=MOST_SECONDS
    )
    return with_remedies(comparison, workshop, stable=request.read.stable)
