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

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import exit_status, warn, write_report
from kabicheck.commands.options.index import add_index_arguments
from kabicheck.commands.options.kabi import add_kabi_argument, rules_of
from kabicheck.commands.options.output import add_output_arguments, detail_of, outputs_of
from kabicheck.commands.options.policy import add_policy_arguments, rulebook_of
from kabicheck.errors import UsageError

if TYPE_CHECKING:
    import argparse


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
    from kabicheck.api import CacheOptions, CompareRequest, ReadOptions, compare, open_session
    from kabicheck.commands.progress import shown_progress
    from kabicheck.config import Check, Configuration
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
    read, detail = ReadOptions(args.stable, kabi), detail_of(args, outputs)
    request = CompareRequest(args.old, args.new, args.jobs, read, rulebook, detail)
    cache = CacheOptions(args.no_cache, args.verify_cache)
    with (
        open_session(cache, warn, builds=False) as session,
        shown_progress() as progress,
        session.showing(progress),
    ):
        report = compare(request, session)
    write_report(report, outputs, args.color)
    if not args.no_cache:
        keep_report(report, warn)
    return exit_status(report)
