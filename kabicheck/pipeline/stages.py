"""The stages that a check of commits and a comparison of files have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import Report
from kabicheck.pipeline.remedies import MOST_SECONDS, ObjectWorkshop, with_remedies

if TYPE_CHECKING:
    from kabicheck.compare.detail import Detail
    from kabicheck.index.index import Index
    from kabicheck.model import Comparison, ObjectSet, Side
    from kabicheck.pipeline.read_options import ReadOptions


def remedied(
    comparison: Comparison,
    old: ObjectSet,
    new: ObjectSet,
    options: ReadOptions,
    *,
    jobs: int,
    index: Index | None,
) -> Comparison:
    """The comparison with what keeps the versions said of each cause, as far as that is found in `MOST_SECONDS`.

    old, new: The object files that were compared.
    options: How they were read.
    jobs: Worker processes, 0 for one per processor.
    index: What is known of objects that were read before.
    """
    workshop = ObjectWorkshop(old, new, jobs, rules=options.kabi, index=index, seconds=MOST_SECONDS)
    return with_remedies(comparison, workshop, stable=options.stable)


def reported(
    base: Side, head: Side, comparison: Comparison, detail: Detail, notes: tuple[str, ...] = ()
) -> Report:
    """What is reported of a comparison that was judged.

    notes: Sentences on how both sides came to be, which stand before those of the comparison.
    """
    toolchain = comparison.toolchain
    return Report(
        base=base,
        head=head,
        comparison=comparison,
        machine=toolchain.machine if toolchain else "",
        compiler=toolchain.producer if toolchain else "",
        notes=(*notes, *comparison.notes),
        failed=comparison.failed,
        verbose=detail.verbose,
        attribution=comparison.attribution,
    )
