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
    from collections.abc import Iterator, Sequence

    from kabicheck.model import Comparison
    from kabicheck.pipeline.remedies import ObjectWorkshop
    from kabicheck.remedy.proof import Remedy


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
    from kabicheck.formats.kabi_rules import write_rules
    from kabicheck.pipeline.inputs import Kind, read_input
    from kabicheck.pipeline.remedies import ObjectWorkshop
    from kabicheck.remedy.proof import all_rules, find_remedies

    if args.output is not None:
        require_place(args.output)
    if args.jobs < 0:
        raise UsageError(f"-j {args.jobs}: not a number of processes")
    rules = rules_of(args.kabi)
    old, new = read_input(args.old), read_input(args.new)
    for path, side in ((args.old, old), (args.new, new)):
        if side.kind not in (Kind.OBJECT, Kind.OBJECTS):
            raise UsageError(f"{path} is {side.kind}, and rules are applied to object files")
    with index_of(args) as index:
        workshop = ObjectWorkshop(old.objects, new.objects, args.jobs, rules=rules, index=index)
        comparison = workshop.compare(())
        remedies = find_remedies(comparison, workshop)
        lines = list(_lines(comparison, remedies, workshop))
    print_lines(lines)
    if args.output is not None:
        write_file(args.output, write_rules(all_rules(remedies)).encode())
    return EXIT_FINDINGS if any(remedy.refused for remedy in remedies) else EXIT_CLEAN


def _lines(comparison: Comparison, remedies: Sequence[Remedy], workshop: ObjectWorkshop) -> Iterator[str]:
    """The whole output, line by line."""
    from kabicheck.model import ChangeKind
    from kabicheck.plain_text import counted, printable
    from kabicheck.remedy.proof import all_rules
    from kabicheck.report.words import cause_words

    for remedy in remedies:
        where = remedy.cause.new_location or remedy.cause.old_location
        yield cause_words(remedy.cause) + (f"  ({printable(where.file)}:{where.line})" if where else "")
        number = len(remedy.cause.exports)
        yield f"  {counted(number, 'export')} change{'s' * (number == 1)}"
        yield from (f"  {line}".rstrip() for line in _remedy_lines(remedy, workshop))
        yield ""
    changed = {(c.object, c.name) for c in comparison.changes if c.kind is ChangeKind.VERSION}
    lost = {export for remedy in remedies if remedy.refused for export in remedy.cause.exports}
    if not changed:
        yield f"nothing to suggest: {counted(comparison.compared, 'export')} compared, no version changed"
        return
    rules = counted(len(all_rules(remedies)), "rule")
    yield (
        f"{len(changed - lost):,} of {counted(len(changed), 'changed export')} can be kept, with {rules}; "
        f"all {counted(comparison.compared, 'export')} were compared under these"
    )


def _remedy_lines(remedy: Remedy, workshop: ObjectWorkshop) -> Iterator[str]:
    from kabicheck.formats.kabi_rules import write_rules
    from kabicheck.plain_text import printable
    from kabicheck.remedy.macro import macros

    if remedy.refused:
        yield f"no rule is safe: {printable(remedy.refused)}"
        return
    for caution in remedy.cautions:
        yield f"take care: {printable(caution)}"
    calls = macros(remedy.rules, *workshop.plain_types(remedy.cause.exports[0][0]))
    if calls is not None:
        yield ""
        width = max(len(call.call) for call in calls)
        for call in calls:
            place = f"  /* {call.place} */" if call.place else ""
            yield printable(f"    {call.call:<{width if place else 0}}{place}", 20_000)
    yield ""
    for line in write_rules(remedy.rules).splitlines():
        yield printable(f"    {line}", 20_000)


def suggestions(workshop: ObjectWorkshop) -> Iterator[str]:
    """What this command prints of two sides, for one that has them already."""
    from kabicheck.remedy.proof import find_remedies

    comparison = workshop.compare(())
    yield ""
    yield from _lines(comparison, find_remedies(comparison, workshop), workshop)
