"""Compare the symbol versions of two things on disk, and say why they differ.

What OLD and NEW are is recognised by their content:

  an object file             lib/kobject.o, with debug information (gcc -g)
  a folder of object files   a kernel's build folder, or a copy of the exporting part of one
  a symtypes file            as gendwarfksyms or genksyms writes it (make KBUILD_SYMTYPES=1), or a .symref
  a folder of symtypes       without object files in it
  a consolidated file        of all symtypes (kabicheck consolidate, or suse-kabi-tools)
  a Module.symvers           or a Module.kabi: which exports changed, not why, since it holds no types

Objects with the same path below OLD and NEW are versions of one another; two single files are, whatever
their names. An export that moved to another object is compared with itself. Both sides are of one kind, or
of two that can be compared exactly: gendwarfksyms' symtypes with objects, a Module.symvers with a build.

exit status: 0 nothing that counts changed; 1 exports changed or are gone; 2 the question could not be
answered: a file cannot be read or is no such file, nothing is exported, an export has no version, or
the sides were built for different machines or by different compilers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import warn, write_report
from kabicheck.commands.options.index import add_index_arguments, index_of
from kabicheck.commands.options.kabi import add_kabi_argument, rules_of
from kabicheck.commands.options.output import add_output_arguments, detail_of, outputs_of
from kabicheck.commands.options.policy import add_policy_arguments, judged, rulebook_of
from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, EXIT_FINDINGS, UsageError

if TYPE_CHECKING:
    import argparse

    from kabicheck.commands.options.policy import Rulebook
    from kabicheck.compare.causes import Detail
    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.model import Comparison, Report
    from kabicheck.pipeline.inputs import Input

SAME = "OLD and NEW are the same file or folder"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("old", type=Path, metavar="OLD", help="what there was")
    parser.add_argument("new", type=Path, metavar="NEW", help="what there is now")
    parser.add_argument(
        "-j", "--jobs", type=int, default=0, metavar="N", help="worker processes (one per processor)"
    )
    parser.add_argument("--no-cache", action="store_true", help="calculate everything anew, and keep nothing")
    add_index_arguments(parser)
    parser.add_argument(
        "-s", "--stable", action="store_true", help="obey kABI rules and __kabi_* members in the objects"
    )
    add_kabi_argument(parser, "NEW")
    parser.add_argument(
        "--settings",
        metavar="FILE",
        type=Path,
        help="kABI rules and which changes count, as kabicheck.toml has them; its [check] is left aside",
    )
    add_policy_arguments(parser)
    add_output_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Compare, report, and say with the exit status whether anything counts."""
    from kabicheck.commands.progress import shown_progress
    from kabicheck.config import Check, Configuration
    from kabicheck.pipeline.inputs import read_input
    from kabicheck.pipeline.last_report import keep_report
    from kabicheck.pipeline.settings import named_configuration

    outputs = outputs_of(args)
    if args.jobs < 0:
        raise UsageError(f"-j {args.jobs}: not a number of processes")
    configuration = Configuration()
    if args.settings:
        others = (key for key in ("severities", "stablelists", "kabi") if getattr(args, key))
        configuration = named_configuration(args.settings, {*Check.__dataclass_fields__, *others})
    rulebook = rulebook_of(args, configuration)
    kabi = rules_of(args.kabi or configuration.kabi_file) or configuration.kabi
    started = time.perf_counter()
    with shown_progress() as progress:
        old, new = read_input(args.old, progress), read_input(args.new, progress)
    report = _report(args, (old, new), kabi, rulebook, started, detail=detail_of(args, outputs))
    write_report(report, outputs, args.color)
    if not args.no_cache:
        keep_report(report, warn)
    return exit_status(report)


def _with_remedies(
    args: argparse.Namespace,
    comparison: Comparison,
    inputs: tuple[Input, Input],
    kabi: tuple[KabiRule, ...],
) -> Comparison:
    """For object files; of what was recorded, or linked, nothing is known under other rules."""
    from kabicheck.pipeline.inputs import InputKind
    from kabicheck.pipeline.remedies import MOST_SECONDS, ObjectWorkshop, with_remedies

    old, new = inputs
    if not {old.kind, new.kind} <= {InputKind.OBJECT, InputKind.OBJECTS}:
        return comparison
    workshop = ObjectWorkshop(old.objects, new.objects, args.jobs, rules=kabi, seconds=MOST_SECONDS)
    return with_remedies(comparison, workshop, stable=args.stable or bool(kabi))


def exit_status(report: Report) -> int:
    """2 where an export could not be looked at, else 1 where it fails."""
    from kabicheck.compare.failing import unanswered

    if unanswered(report.comparison):
        return EXIT_CANNOT_TELL
    return EXIT_FINDINGS if report.failed else EXIT_CLEAN


def _report(
    args: argparse.Namespace,
    inputs: tuple[Input, Input],
    kabi: tuple[KabiRule, ...],
    rulebook: Rulebook,
    started: float,
    *,
    detail: Detail,
) -> Report:
    from kabicheck.model import Report, Side
    from kabicheck.pipeline.input_pairs import compare_inputs, of_equal_extent
    from kabicheck.pipeline.request import ReadOptions

    old, new, note = of_equal_extent(*inputs)
    with index_of(args) as index:
        comparison = compare_inputs(
            old, new, ReadOptions(args.stable, kabi), jobs=args.jobs, index=index, detail=detail
        )
        seconds = time.perf_counter() - started
    comparison = judged(_with_remedies(args, comparison, (old, new), kabi), rulebook)
    toolchain = comparison.toolchain
    return Report(
        base=Side(str(args.old), objects=inputs[0].count),
        head=Side(str(args.new), objects=inputs[1].count),
        comparison=comparison,
        machine=toolchain.machine if toolchain else "",
        compiler=toolchain.producer if toolchain else "",
        seconds=seconds,
        notes=(
            *([SAME] if args.old.resolve() == args.new.resolve() else []),
            *([note] if note else []),
            *comparison.notes,
        ),
        failed=comparison.failed,
        verbose=args.verbose,
    )
