"""All that is known of one exported symbol: in files, as the difference of two sides, in a report that was made."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING

from kabicheck.compare.causes import lines_of, path_to, title
from kabicheck.compare.lines import format_lines
from kabicheck.compare.reach import by_distance
from kabicheck.errors import UsageError
from kabicheck.model import ExportDescription, Report, Side
from kabicheck.pipeline.input_pairs import compare_inputs, of_equal_extent
from kabicheck.pipeline.lookup import ExportLookup
from kabicheck.pipeline.object_reader import ObjectReader
from kabicheck.progress import SILENT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from kabicheck.model import Comparison
    from kabicheck.pipeline.lookup import ObjectExport
    from kabicheck.progress import Progress

MOST_NAMED = 40  # of the types that an export reaches


def described(symbol: str, paths: Iterable[Path], progress: Progress = SILENT) -> list[ExportDescription]:
    """An export in everything that exports it below some paths, which `kabicheck compare` could be given.

    progress: Is told of linked files, which are read whole.
    Raises UsageError where nothing exports it, ObjectError, NoExports, FetchError for what cannot be read.
    """
    inputs = [ExportLookup(path, progress) for path in paths]
    exports = [export for each in inputs for export in each.find(symbol)]
    if not exports:
        raise _unknown(symbol, inputs)
    return [_description(export) for export in exports]


def explained(symbol: str, old: Path, new: Path, progress: Progress = SILENT) -> Report:
    """The part of the report of two sides that is about one export, with how it reaches each cause.

    Raises UsageError where neither side exports it, ObjectError, NoExports, FetchError for what cannot be read, and
    Incomparable.
    """
    reader = ObjectReader()
    old_exports, new_exports = (ExportLookup(path, progress, reader) for path in (old, new))
    on_old, on_new = list(old_exports.find(symbol)), list(new_exports.find(symbol))
    if not on_old and not on_new:
        raise _unknown(symbol, [old_exports, new_exports])
    old_input, new_input, _ = of_equal_extent(old_exports.restricted(symbol), new_exports.restricted(symbol))
    comparison = part_of(compare_inputs(old_input, new_input, reader=reader), symbol)
    comparison = _with_paths(comparison, symbol, {export.object: export.types for export in on_new})
    return Report(
        Side(str(old)),
        Side(str(new)),
        comparison,
        notes=comparison.notes,
        failed=any(change.fails for change in comparison.changes),
        verbose=True,
    )


def excerpt_of(report: Report, symbol: str, ago: str) -> Report:
    """The part of a report that is about one export. ago: how old the report is, in words."""
    comparison = part_of(report.comparison, symbol)
    others = _objects(report.comparison) - _objects(comparison)
    notes = (note for note in report.notes if note.partition(": ")[0] not in others)
    return replace(
        report,
        # What was built was built for all exports, not for this one.
        base=replace(report.base, objects=0),
        head=replace(report.head, objects=0),
        comparison=comparison,
        notes=(f"this is of the last report, {ago}", *notes),
        failed=any(change.fails for change in comparison.changes),
        verbose=True,
    )


def part_of(comparison: Comparison, symbol: str) -> Comparison:
    """What of a comparison is about one export."""
    changes = tuple(change for change in comparison.changes if change.name == symbol)
    keys = {key for change in changes for key in change.causes}
    causes = {
        key: replace(
            cause,
            exports=tuple(export for export in cause.exports if export[1] == symbol),
            follows=tuple(root for root in cause.follows if root in keys),
        )
        for key, cause in comparison.causes.items()
        if key in keys
    }
    unchanged = tuple(each for each in comparison.unchanged if each[2] == symbol)
    return replace(comparison, changes=changes, causes=causes, unchanged=unchanged)


def compared_symbols(comparison: Comparison) -> set[str]:
    """The names of all exports that were looked at."""
    changed = {change.name for change in comparison.changes}
    return changed | {name for _, _, name in comparison.unchanged}


def nearest(word: str, known: Collection[str]) -> str:
    """Which of the known names was meant, "" where none is similar."""
    return next(iter(get_close_matches(word, known, 1)), "")


def _unknown(symbol: str, inputs: Collection[ExportLookup]) -> UsageError:
    names = set[str]().union(*(each.names for each in inputs))
    near = nearest(symbol, names)
    hint = f"did you mean {near}?" if near else f"of {len(names):,} exported symbols none has a similar name"
    return UsageError(
        f"{symbol} is not exported by {', '.join(str(each.path) for each in inputs)}", hint=hint
    )


def _description(export: ObjectExport) -> ExportDescription:
    known = ExportDescription(export.name, export.object, export.module, export.export, export.version)
    text = export.types.get(export.name)
    if text is None:
        return known
    names = [name for name in by_distance(export.name, export.types) if name != export.name]
    return replace(
        known,
        type=text,
        declared=export.declared,
        source=tuple(format_lines(lines_of(export.name, text, export.types))),
        reached=len(names),
        nearest=tuple(title(name, export.types.get(name, "")) for name in names[:MOST_NAMED]),
    )


def _with_paths(comparison: Comparison, symbol: str, types: Mapping[str, Mapping[str, str]]) -> Comparison:
    """With how the export reaches each cause. types: path of an object on the new side → its type strings."""
    anywhere = next(iter(types.values()), {})

    def paths() -> Iterator[tuple[str, tuple[str, ...]]]:
        for key, cause in comparison.causes.items():
            known = next((types[path] for path, _ in cause.exports if path in types), anywhere)
            yield key, path_to(cause.reference, [symbol], known)

    causes = {key: replace(comparison.causes[key], path=path) for key, path in paths()}
    return replace(comparison, causes=causes)


def _objects(comparison: Comparison) -> set[str]:
    return {change.object for change in comparison.changes} | {path for _, path, _ in comparison.unchanged}
