"""Calculate the symbol versions of object files: a drop-in for the kernel's gendwarfksyms.

Reads the names of exported symbols from standard input, one on a line, and prints a line
`#SYMVER NAME 0xCRC` for each, in the order and with the CRCs of gendwarfksyms. A symbol that no
object describes gets a warning and 0x00000000, as there. Unlike there, each object is read for itself:
where several define a symbol, the first one counts.

With --kabi FILE kABI rules that stand in a file and not in the objects are applied, as gendwarfksyms would
apply them compiled in.

With --exports no list is read: every symbol that the objects export is versioned, and one that
cannot be is an error (status 2). Then OBJECT may also be a vmlinux, a module (.ko, .ko.gz, .ko.xz, .ko.zst),
a debug file of one, or a folder of any of these."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from kabicheck.commands.console import warn
from kabicheck.commands.options.index import add_index_arguments, index_of
from kabicheck.commands.options.kabi import add_kabi_argument, rules_of
from kabicheck.errors import EXIT_CANNOT_TELL, EXIT_CLEAN, UsageError
from kabicheck.pipeline.kabi_notes import unused
from kabicheck.pipeline.read_options import ReadOptions
from kabicheck.pipeline.reading import is_object
from kabicheck.places import require_outside_git

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator
    from typing import TextIO

    from kabicheck.formats.kabi_rules import KabiRule
    from kabicheck.model import ObjectVersions
    from kabicheck.pipeline.export_summary import ExportSummary
    from kabicheck.symver.object import ObjectReading

REFUSED = ("-d", "--debug", "--dump-dies", "--dump-die-map")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.add_argument("objects", nargs="+", metavar="OBJECT", help="ELF object file with debug information")
    parser.add_argument(
        "--exports", action="store_true", help="version every symbol that the objects export; read no list"
    )
    parser.add_argument(
        "-s", "--stable", action="store_true", help="obey kABI rules and __kabi_* members in the objects"
    )
    parser.add_argument(
        "--no-cache", action="store_true", help="with --exports: calculate everything anew, and keep nothing"
    )
    parser.add_argument(
        "-j",
        "--jobs",
        type=int,
        default=0,
        metavar="N",
        help="with --exports: processes for vmlinux, modules and folders (one per processor)",
    )
    parser.add_argument(
        "--debug-files",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="with --exports: the debug file of a stripped vmlinux or module, or a folder of debug files "
        "(/usr/lib/debug)",
    )
    add_index_arguments(parser)
    add_kabi_argument(parser, "the objects")
    parser.add_argument("-T", "--symtypes", metavar="FILE", help="write the type strings to a symtypes file")
    parser.add_argument("--dump-types", action="store_true", help="print type strings to standard error")
    parser.add_argument(
        "--dump-versions",
        action="store_true",
        help="print the expanded type strings that versions are calculated from to standard error",
    )
    parser.add_argument(
        "--dump-decoder",
        type=_offset,
        metavar="OFFSET",
        help="for kabicheck's developers: print the code that is generated for the entry at this offset of "
        ".debug_info, and no versions",
    )
    parser.add_argument(
        *REFUSED,
        dest="refused",
        action="store_true",
        help="not supported: gendwarfksyms' own debugging output",
    )


def run(args: argparse.Namespace) -> int:
    """Print versions."""
    if args.refused:
        raise UsageError(
            "-d, --dump-dies and --dump-die-map show gendwarfksyms' internals, which kabicheck does not have",
            hint="--dump-types and --dump-versions show type strings",
        )
    if args.dump_decoder is not None:
        return _decoders(args)
    options = ReadOptions(args.stable, rules_of(args.kabi))
    return _exports(args, options) if args.exports else _listed(args, options)


def _offset(text: str) -> int:
    """As C writes numbers, and as messages write places: `.debug_info+0x2a`."""
    import argparse

    try:
        return int(text.removeprefix(".debug_info+"), 0)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no offset") from None


def _decoders(args: argparse.Namespace) -> int:
    from kabicheck.dwarf.info import DebugInfo
    from kabicheck.elf.image import Image
    from kabicheck.symver.decoder_sources import decoder_sources

    for path in args.objects:
        _print(decoder_sources(DebugInfo(Image(path)), args.dump_decoder))
    return EXIT_CLEAN


def _listed(args: argparse.Namespace, options: ReadOptions) -> int:
    """Versions of the symbols that the standard input names."""
    from kabicheck.pipeline.object_versions import listed_versions

    names = _read_list(sys.stdin.buffer)
    if not names:
        return EXIT_CLEAN
    answer = listed_versions(args.objects, names, options)
    _write_dumps(args, answer.readings)
    _warn(answer.warnings)
    for name, version in answer.versions.items():
        _print(f"#SYMVER {name} 0x{version or 0:08x}")
    return EXIT_CLEAN


def _exports(args: argparse.Namespace, options: ReadOptions) -> int:
    """Versions of all that is exported."""
    if not all(map(is_object, args.objects)):
        from kabicheck.pipeline.linked import takes_more_than_objects

        if takes_more_than_objects(args.objects):
            return _linked(args, options)
    if options.kabi or _wants_types(args):
        return _exports_read(args, options)
    from kabicheck.pipeline.object_versions import exported_versions

    with index_of(args) as index:
        complete = [
            _print_all(exported_versions(path, index, stable=options.stable)) for path in args.objects
        ]
    return EXIT_CLEAN if all(complete) else EXIT_CANNOT_TELL


def _linked(args: argparse.Namespace, options: ReadOptions) -> int:
    """Versions of linked files and folders: of all that can be versioned first, then what cannot be."""
    from kabicheck.commands.progress import shown_progress
    from kabicheck.pipeline.export_summary import ExportSummary
    from kabicheck.pipeline.exports import versions_of_linked_files, versions_of_objects
    from kabicheck.pipeline.linked import objects_and_linked_files
    from kabicheck.pipeline.linked_surveys import reading_processes

    if options.kabi or _wants_types(args):
        raise UsageError(
            "kABI rules and dumps of types need object files", hint="give the build's, one by one"
        )
    if args.jobs < 0:
        raise UsageError(f"-j {args.jobs}: not a number of processes")
    summary = ExportSummary()
    objects, requests = objects_and_linked_files(args.objects)
    paths = [*(built.file for built in objects), *(request.path for request in requests)]
    with index_of(args) as index, reading_processes(args.jobs, paths) as spread, shown_progress() as progress:
        for versions in chain(
            versions_of_objects(objects, options, spread, progress, index=index),
            versions_of_linked_files(
                requests, options, spread, progress, debug=args.debug_files, summary=summary, index=index
            ),
        ):
            summary.count_exports(versions)
            _print_versions(versions)
    for line in _summary_lines(summary):
        _say(line)
    return EXIT_CLEAN if summary.complete else EXIT_CANNOT_TELL


def _summary_lines(summary: ExportSummary) -> Iterator[str]:
    """Sentences: what has no version, and how much was looked at."""
    from kabicheck.plain_text import counted

    for error in summary.unread:
        yield f"error: {error}"
    for (module, reason), names in summary.unversioned.items():
        yield f"error: {module}: no version for {counted(len(names), 'export')}: {reason}: {' '.join(names)}"
    totals: Counter[str] = Counter()
    for (_, reason), names in summary.unversioned.items():
        totals[reason] += len(names)
    if len(summary.unversioned) > len(totals):
        for reason, number in totals.most_common():
            yield f"error: no version for {counted(number, 'export')} in all: {reason}"
    if not summary.exports:
        yield "error: nothing is exported"
    yield (
        f"{counted(summary.files, 'linked file')}, {summary.silent:,} without exports; "
        f"{counted(summary.units, 'unit')} with exports; "
        f"{counted(summary.exports, 'export')}, {totals.total():,} without a version"
    )


def _exports_read(args: argparse.Namespace, options: ReadOptions) -> int:
    """What the index does not know is asked for: every object is read."""
    from kabicheck.symver.object import ExportReading

    readings = []  # kept only where they are asked for: hundreds of them are gigabytes
    used: set[KabiRule] = set()
    complete = True
    for path in args.objects:
        exports = ExportReading(path, stable=options.stable, kabi=options.kabi)
        used.update(exports.reading.used)
        if _wants_types(args):
            readings.append(exports.reading)
        complete &= _print_all(exports.versions())
    _warn(unused(options.kabi, used))
    _write_dumps(args, readings)
    return EXIT_CLEAN if complete else EXIT_CANNOT_TELL


def _wants_types(args: argparse.Namespace) -> bool:
    return bool(args.dump_types or args.dump_versions or args.symtypes)


def _print_all(versions: ObjectVersions) -> bool:
    """Print an object's versions, and what has none; whether all exports have one."""
    _print_versions(versions)
    for name, reason in versions.unversioned.items():
        _say(f"error: {versions.path}: no version for {name}: {reason}")
    return not versions.unversioned


def _print_versions(versions: ObjectVersions) -> None:
    _warn(f"{versions.path}: {sentence}" for sentence in versions.warnings)
    known = ((export.name, versions.versions.get(export.name)) for export in versions.exports)
    _print("\n".join(f"#SYMVER {name} 0x{version:08x}" for name, version in known if version is not None))


def _read_list(lines: Iterable[bytes]) -> list[str]:
    """The first word of each line (symbol_read_exports: sscanf "%ms")."""
    names = []
    for number, line in enumerate(lines, 1):
        words = line.split(maxsplit=1)
        if not words:
            raise UsageError(f"standard input, line {number}: malformed input line: no symbol name")
        names.append(words[0].decode("latin-1"))
    return names


def _write_dumps(args: argparse.Namespace, readings: Iterable[ObjectReading]) -> None:
    for reading in readings:
        if args.dump_types:
            _dump(sys.stderr, reading.types().items())
        if args.dump_versions:
            _dump(sys.stderr, reading.expanded().items())
    if args.symtypes:
        require_outside_git(Path(args.symtypes))
        try:
            with open(args.symtypes, "w", encoding="latin-1") as file:  # noqa: PTH123
                for reading in readings:
                    _dump(file, reading.types().items())
        except OSError as error:
            raise UsageError(f"{args.symtypes}: cannot be written ({error.strerror})") from error


def _dump(file: TextIO, items: Iterable[tuple[str, str]]) -> None:
    for name, text in items:
        line = f"{name} {text}\n"
        file.write(line) if file.encoding == "latin-1" else _raw(file, line)


def _raw(file: TextIO, line: str) -> None:
    """Type strings are bytes of the object; they go out as they came in."""
    file.flush()
    file.buffer.write(line.encode("latin-1"))


def _print(line: str) -> None:
    if line:
        _raw(sys.stdout, line + "\n")


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        warn(sentence)


def _say(sentence: str) -> None:
    """Names in sentences are the input's."""
    from kabicheck.plain_text import printable

    print(f"kabicheck: {printable(sentence)}", file=sys.stderr)
