"""Suggest kABI rules that keep symbol versions as they were, each proven by calculating the versions anew.

OLD and NEW are two object files or two folders of them, as `kabicheck compare` takes them. For each type and
signature that changed, the smallest set of rules is sought under which every export that it changes has its old
version again, over all exports of all objects: a declaration that came into sight (KABI_DECLONLY), members and
enumerators that were added (KABI_IGNORE, KABI_ENUMERATOR_IGNORE, KABI_ENUMERATOR_VALUE), reserved members that
were taken into use (KABI_USE), members that were replaced (KABI_REPLACE), a structure that grew (KABI_BYTE_SIZE),
and last of all the whole type string (KABI_TYPE_STRING).

A rule hides a change from the module loader, not from modules. It is suggested only where all that was there
before is still at its place; otherwise the reason is given why none is safe. What has to hold beside is said.

Each is printed as C, with the macros of the kernel's scripts/gendwarfksyms/examples/kabi.h, and as a [[kabi]]
table for kabicheck.toml or --kabi. -o FILE writes all tables to a file. Both sides are read as with --stable.

exit status: 0 nothing changed, or every changed version can be kept; 1 some cannot; 2 the question could not
be answered."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import print_lines, write_file
from kabicheck.commands.options.index import add_index_arguments, index_of
from kabicheck.commands.options.kabi import add_kabi_argument, rules_of
from kabicheck.errors import EXIT_CLEAN, EXIT_FINDINGS, UsageError
from kabicheck.pipeline.destinations import require_place

if TYPE_CHECKING:
    import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("old", type=Path, metavar="OLD", help="what there was")
    parser.add_argument("new", type=Path, metavar="NEW", help="what there is now")
    parser.add_argument("-o", "--output", metavar="FILE", type=Path, help="write the rules to this file too")
    parser.add_argument(
        "-j", "--jobs", type=int, default=0, metavar="N", help="worker processes (one per processor)"
    )
    parser.add_argument("--no-cache", action="store_true", help="calculate everything anew, and keep nothing")
    add_index_arguments(parser)
    add_kabi_argument(parser, "NEW, before others are sought")


def run(args: argparse.Namespace) -> int:
    """Compare, look for rules, print them."""
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline import suggest
    from kabicheck.pipeline.request import SuggestRequest
    from kabicheck.report.suggestions import suggestion_lines

    if args.output is not None:
        require_place(args.output)
    if args.jobs < 0:
        raise UsageError(f"-j {args.jobs}: not a number of processes")
    request = SuggestRequest(args.old, args.new, args.jobs, rules_of(args.kabi))
    with index_of(args) as index, shown_progress() as progress:
        suggestions = suggest.run(request, index, progress)
    print_lines(suggestion_lines(suggestions))
    if args.output is not None:
        write_file(args.output, suggestions.tables.encode())
    return EXIT_FINDINGS if any(each.refused for each in suggestions.each) else EXIT_CLEAN
