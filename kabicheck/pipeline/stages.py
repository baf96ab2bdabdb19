"""The stages that a check of commits and a comparison of files have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kabicheck.model import Report
from kabicheck.pipeline.remedies import MOST_SECONDS, ObjectsUnderRules, with_remedies

if TYPE_CHECKING:
    from kabicheck.compare.detail import Detail
    from kabicheck.model import Comparison, ObjectSet, Side
    from kabicheck.pipeline.object_reader import ObjectReader
    from kabicheck.pipeline.read_options import ReadOptions


def remedied(
    comparison: Comparison,
    old: ObjectSet,
    new: ObjectSet,
    options: ReadOptions,
    reader: ObjectReader,
    *,
    jobs: int,
) -> Comparison:
    """The comparison with what keeps the versions said of each cause, as far as that is found in `MOST_SECONDS`.

    old, new: The object files that were compared.
    options: How they were read.
    reader: Knows what was read before.
    jobs: Worker processes, 0 for one per processor.
    """
    sides = ObjectsUnderRules(old, new, jobs, rules=options.kabi, reader=reader, seconds=MOST_SECONDS)
    return with_remedies(comparison, sides, stable=options.stable)


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
